package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A request header.
 *
 * <pre>
 *   0 magic u32 | 4 flags u16 | 6 type u16 | 8 cookie u64 | 16 offset u64 | 24 length u32
 * </pre>
 *
 * @param flags command flags
 * @param type number of the command
 * @param cookie the client's name for it
 * @param offset bytes, u64
 * @param length bytes, 0..2^32-1
 */
record NbdRequest(int flags, int type, long cookie, long offset, long length) {
  /** Reads the 28 bytes; null when they do not begin with the magic number. */
  static @Nullable NbdRequest decode(ByteBuf in) {
    if (in.readInt() != Nbd.REQUEST_MAGIC) {
      return null;
    }
    return new NbdRequest(
        in.readUnsignedShort(),
        in.readUnsignedShort(),
        in.readLong(),
        in.readLong(),
        in.readUnsignedInt());
  }

  @Nullable NbdCommand command() {
    return NbdCommand.of(type);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Bytes that follow the header. */
  long payloadLength() {
    return type == NbdCommand.WRITE.number() ? length : 0;
  }
}
