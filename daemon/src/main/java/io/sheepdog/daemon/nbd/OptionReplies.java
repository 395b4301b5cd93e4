package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.sheepdog.client.frame.FrameWriter;
import io.sheepdog.core.block.VolumeInfo;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * Writes what the server says during the negotiation.
 *
 * <pre>
 *   0 magic u64 | 8 option u32 | 12 reply type u32 | 16 length u32 | data
 * </pre>
 */
final class OptionReplies {
  /** Room for what is written about one export, names and descriptions being what they are. */
  private static final int MAX_SERVER = 1 << 10;

  private final Channel channel;
  private final FrameWriter writer;

  OptionReplies(Channel channel, FrameWriter writer) {
    this.channel = channel;
    this.writer = writer;
  }

  /** The first words. */
  void greeting() {
    write(
        buffer(2 * Long.BYTES + Short.BYTES)
            .writeLong(Nbd.GREETING_MAGIC)
            .writeLong(Nbd.OPTION_MAGIC)
            .writeShort(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES));
  }

  ChannelFuture ack(int option) {
    return write(header(option, Nbd.REP_ACK, 0));
  }

  /** An error with a sentence for people. */
  ChannelFuture error(int option, int type, String text) {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(message.length, Nbd.MAX_STRING);
    return write(header(option, type, length).writeBytes(message, 0, length));
  }

  /**
   * As many of the exports, for LIST, as make up about that many bytes; behind the last of them the
   * end of the list.
   */
  ChannelFuture servers(Iterator<VolumeInfo> exports, int size) {
    ByteBuf bytes = channel.alloc().directBuffer(size + MAX_SERVER);
    while (exports.hasNext() && bytes.readableBytes() < size) {
      VolumeInfo info = exports.next();
      byte[] name = info.name().getBytes(StandardCharsets.UTF_8);
      byte[] description = info.description().getBytes(StandardCharsets.UTF_8);
      int length = Integer.BYTES + name.length + description.length;
      header(bytes, NbdOption.LIST.number(), Nbd.REP_SERVER, length)
          .writeInt(name.length)
          .writeBytes(name)
          .writeBytes(description);
    }
    if (!exports.hasNext()) {
      header(bytes, NbdOption.LIST.number(), Nbd.REP_ACK, 0);
    }
    return write(bytes);
  }

  /** Size and flags of an export. */
  void export(int option, VolumeInfo info, int flags) {
    write(
        header(option, Nbd.REP_INFO, Short.BYTES + Long.BYTES + Short.BYTES)
            .writeShort(Nbd.INFO_EXPORT)
            .writeLong(info.size())
            .writeShort(flags));
  }

  /** Sizes of requests. */
  void blockSizes(int option) {
    write(
        header(option, Nbd.REP_INFO, Short.BYTES + 3 * Integer.BYTES)
            .writeShort(Nbd.INFO_BLOCK_SIZE)
            .writeInt(Nbd.MIN_BLOCK)
            .writeInt(Nbd.PREFERRED_BLOCK)
            .writeInt(Nbd.MAX_BLOCK));
  }

  /** Name or description. */
  void text(int option, int kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(
        header(option, Nbd.REP_INFO, Short.BYTES + bytes.length)
            .writeShort(kind)
            .writeBytes(bytes));
  }

  /** The one context that there is. */
  void allocationContext(int option, int id) {
    byte[] name = Nbd.BASE_ALLOCATION.getBytes(StandardCharsets.UTF_8);
    write(
        header(option, Nbd.REP_META_CONTEXT, Integer.BYTES + name.length)
            .writeInt(id)
            .writeBytes(name));
  }

  /** The reply to EXPORT_NAME, which has a form of its own. */
  ChannelFuture exportByName(VolumeInfo info, int flags, boolean padded) {
    int padding = padded ? Nbd.EXPORT_NAME_PADDING : 0;
    return write(
        buffer(Long.BYTES + Short.BYTES + padding)
            .writeLong(info.size())
            .writeShort(flags)
            .writeZero(padding));
  }

  private ByteBuf header(int option, int type, int length) {
    return header(buffer(Nbd.OPTION_REPLY_SIZE + length), option, type, length);
  }

  private static ByteBuf header(ByteBuf bytes, int option, int type, int length) {
    return bytes.writeLong(Nbd.OPTION_REPLY_MAGIC).writeInt(option).writeInt(type).writeInt(length);
  }

  private ByteBuf buffer(int size) {
    return channel.alloc().directBuffer(size, size);
  }

  private ChannelFuture write(ByteBuf bytes) {
    return writer.write(bytes, Unpooled.EMPTY_BUFFER);
  }
}
