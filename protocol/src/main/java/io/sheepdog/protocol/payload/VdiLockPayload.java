package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;

/**
 * A lock, entry of the answer to VDI_LOCKS: {@value #SIZE} bytes.
 *
 * <pre>
 *  0 vid u32 | 4 kind u8 | 5 flags u8 (1: its gateway is gone) | 6 - u16 | 8 generation u64
 * 16 since u64 | 24 gateway addr u8[16] | 40 gateway port u16 | 42 - (22 bytes) | 64 client text (64 bytes)
 * </pre>
 *
 * @param vid the working VDI
 * @param kind how it is held
 * @param orphaned whether its gateway is gone; it ends in seconds unless its client comes back
 * @param generation number of the lock; replicas refuse writes under older ones
 * @param since when it was granted
 * @param gateway node through which its client reaches the cluster
 * @param client address of the client, at most 63 bytes
 */
public record VdiLockPayload(
    VdiId vid,
    Kind kind,
    boolean orphaned,
    long generation,
    SheepTime since,
    NodeAddress gateway,
    String client) {
  /** Bytes of the structure. */
  public static final int SIZE = 128;

  private static final int CLIENT_SIZE = 64;
  private static final int PADDING = 2;
  private static final int PADDING_AFTER_PORT = 22;
  private static final String CLIENT = "Client of a lock";

  /** How a lock is held. */
  public enum Kind {
    /** By a native client that asked for it. */
    CLIENT(0, "native"),
    /** By an iSCSI target. */
    SHARED(1, "shared"),
    /** By a connection that writes without having asked. */
    IMPLICIT(2, "write"),
    /** By {@code collie vdi lock}. */
    HELD(3, "held"),
    /** By NBD. */
    ATTACHED(4, "nbd");

    private final int code;
    private final String word;

    Kind(int code, String word) {
      this.code = code;
      this.word = word;
    }

    /** For people and scripts. */
    public String word() {
      return word;
    }

    private static Kind fromCode(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new ProtocolException("Kind " + code + " of a lock is unknown; 0 to 4 are allowed");
    }
  }

  /** Checks the length of the text. */
  public VdiLockPayload {
    WireText.checkPrintable(client, CLIENT_SIZE, CLIENT);
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field is impossible
   */
  public static VdiLockPayload decode(ByteBuf in) {
    WireText.require(in, SIZE, "Lock");
    int vid = in.readIntLE();
    if (!VdiId.isValid(vid)) {
      throw new ProtocolException("Lock of VDI id " + Integer.toUnsignedString(vid));
    }
    Kind kind = Kind.fromCode(in.readUnsignedByte());
    boolean orphaned = in.readByte() != 0;
    in.skipBytes(PADDING);
    long generation = in.readLongLE();
    SheepTime since = new SheepTime(in.readLongLE());
    NodeAddress gateway = NodeIdField.readAddress(in);
    in.skipBytes(PADDING_AFTER_PORT);
    return new VdiLockPayload(
        new VdiId(vid),
        kind,
        orphaned,
        generation,
        since,
        gateway,
        WireText.read(in, CLIENT_SIZE, CLIENT));
  }

  /**
   * Reads the whole buffer.
   *
   * @throws ProtocolException if it does not hold whole entries
   */
  public static List<VdiLockPayload> decodeList(ByteBuf in) {
    if (in.readableBytes() % SIZE != 0 || in.readableBytes() > Limits.MAX_PAYLOAD) {
      throw new ProtocolException(
          "List of locks of " + in.readableBytes() + " bytes; entries have " + SIZE);
    }
    List<VdiLockPayload> locks = new ArrayList<>(in.readableBytes() / SIZE);
    while (in.isReadable()) {
      locks.add(decode(in));
    }
    return locks;
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeIntLE(vid.value());
    out.writeByte(kind.code);
    out.writeBoolean(orphaned);
    out.writeZero(PADDING);
    out.writeLongLE(generation);
    out.writeLongLE(since.wire());
    NodeIdField.writeAddress(gateway, out);
    out.writeZero(PADDING_AFTER_PORT);
    WireText.write(out, client, CLIENT_SIZE, CLIENT);
  }
}
