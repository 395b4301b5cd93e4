package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.cpg.CpgProcess;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a {@link GroupMessage}, big-endian:
 *
 * <pre>
 *  0        4          5       6          8
 *  +--------+----------+-------+----------+------------------------------------------+
 *  | "shpJ" | format 1 | type  | 0        | body                                     |
 *  +--------+----------+-------+----------+------------------------------------------+
 *  type 1 hello:   nonce (8)
 *  type 2 roster:  nonce (8), then per member node id (4) and process id (4)
 *  type 3 again:   nonce (8)
 *  type 4 payload: the bytes
 * </pre>
 */
final class GroupMessageCodec {
  static final int HEADER_BYTES = 8;

  /** More than corosync has nodes. */
  static final int MAX_MEMBERS = 1024;

  private static final int MAGIC = 0x7368704A;
  private static final byte FORMAT = 1;
  private static final byte HELLO = 1;
  private static final byte ROSTER = 2;
  private static final byte AGAIN = 3;
  private static final byte PAYLOAD = 4;

  private GroupMessageCodec() {}

  static byte[] encode(GroupMessage message) {
    if (message instanceof GroupMessage.Payload payload) {
      return buffer(PAYLOAD, payload.payload().length).put(payload.payload()).array();
    }
    if (message instanceof GroupMessage.Hello hello) {
      return buffer(HELLO, Long.BYTES).putLong(hello.nonce()).array();
    }
    if (message instanceof GroupMessage.Again again) {
      return buffer(AGAIN, Long.BYTES).putLong(again.nonce()).array();
    }
    GroupMessage.Roster roster = (GroupMessage.Roster) message;
    ByteBuffer buffer = buffer(ROSTER, Long.BYTES + roster.members().size() * Long.BYTES);
    buffer.putLong(roster.nonce());
    for (CpgProcess member : roster.members()) {
      buffer.putInt(member.nodeId()).putInt(member.processId());
    }
    return buffer.array();
  }

  private static ByteBuffer buffer(byte type, int bodyBytes) {
    return ByteBuffer.allocate(HEADER_BYTES + bodyBytes)
        .putInt(MAGIC)
        .put(FORMAT)
        .put(type)
        .putShort((short) 0);
  }

  /** The message, or null if these bytes are none: somebody else's, or of a later format. */
  static @Nullable GroupMessage decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    if (bytes.length <= HEADER_BYTES || buffer.getInt() != MAGIC || buffer.get() != FORMAT) {
      return null;
    }
    byte type = buffer.get();
    buffer.getShort();
    if (type == PAYLOAD) {
      byte[] payload = new byte[buffer.remaining()];
      buffer.get(payload);
      return new GroupMessage.Payload(payload);
    }
    if (buffer.remaining() < Long.BYTES) {
      return null;
    }
    long nonce = buffer.getLong();
    return switch (type) {
      case HELLO -> buffer.hasRemaining() ? null : new GroupMessage.Hello(nonce);
      case AGAIN -> buffer.hasRemaining() ? null : new GroupMessage.Again(nonce);
      case ROSTER -> roster(nonce, buffer);
      default -> null;
    };
  }

  private static GroupMessage.@Nullable Roster roster(long nonce, ByteBuffer buffer) {
    if (buffer.remaining() % Long.BYTES != 0 || buffer.remaining() > MAX_MEMBERS * Long.BYTES) {
      return null;
    }
    List<CpgProcess> members = new ArrayList<>();
    while (buffer.hasRemaining()) {
      members.add(new CpgProcess(buffer.getInt(), buffer.getInt()));
    }
    return new GroupMessage.Roster(nonce, members);
  }
}
