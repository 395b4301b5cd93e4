package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One record of an event file, big-endian.
 *
 * <pre>
 *  0 u32 length of the payload | 4 u32 CRC-32C of all from offset 8 on | 8 u32 type | 12 u64 member | 20 payload
 * </pre>
 *
 * @param type what happened
 * @param member who sent, joined, left or died; 0 for MEMBERS and NEXT
 * @param payload the message; for MEMBERS their ids, oldest first
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing, copied by nobody
record EventRecord(Type type, MemberId member, byte[] payload) {
  static final int HEADER = 20;
  static final int MAX_PAYLOAD = Math.max(ClusterDriver.MAX_MESSAGE, 64 * 1024);

  private static final int CHECKED_FROM = 8;
  private static final MemberId NOBODY = new MemberId(0);
  private static final byte[] NONE = {};

  /** What happened. */
  enum Type {
    /** First record of a file: who the members are. */
    MEMBERS(1),
    /** A process joined. */
    JOIN(2),
    /** A member said good-bye. */
    LEAVE(3),
    /** A member's process is dead. */
    DIED(4),
    /** A member sent a message. */
    MESSAGE(5),
    /** Last record of a file: the history goes on in the next one. */
    NEXT(6);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    private static @Nullable Type of(int code) {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      return null;
    }
  }

  static EventRecord of(Type type, MemberId member) {
    return new EventRecord(type, member, NONE);
  }

  static EventRecord message(MemberId sender, byte[] message) {
    return new EventRecord(Type.MESSAGE, sender, message);
  }

  static EventRecord next() {
    return of(Type.NEXT, NOBODY);
  }

  static EventRecord members(List<MemberId> members) {
    ByteBuffer ids = ByteBuffer.allocate(members.size() * Long.BYTES);
    members.forEach(member -> ids.putLong(member.value()));
    return new EventRecord(Type.MEMBERS, NOBODY, ids.array());
  }

  /** The ids in a MEMBERS record. */
  List<MemberId> memberList() {
    List<MemberId> members = new ArrayList<>();
    ByteBuffer ids = ByteBuffer.wrap(payload);
    while (ids.remaining() >= Long.BYTES) {
      members.add(new MemberId(ids.getLong()));
    }
    return members;
  }

  int size() {
    return HEADER + payload.length;
  }

  void encode(ByteBuffer out) {
    int start = out.position();
    out.putInt(payload.length).putInt(0).putInt(type.code).putLong(member.value());
    out.put(payload);
    out.putInt(start + Integer.BYTES, checksum(out, start, payload.length));
  }

  /** How an attempt to read a record ended. */
  sealed interface Parsed {
    /** Here it is. */
    record Whole(EventRecord event) implements Parsed {}

    /** More bytes are needed: the end of the file, or a writer is at work or died at it. */
    record Incomplete() implements Parsed {}

    /** These bytes were never written as a record. */
    record Bad() implements Parsed {}
  }

  /** Reads a record at the buffer's position, which moves only past a whole one. */
  static Parsed decode(ByteBuffer in) {
    if (in.remaining() < HEADER) {
      return new Parsed.Incomplete();
    }
    int start = in.position();
    int length = in.getInt(start);
    Type type = Type.of(in.getInt(start + CHECKED_FROM));
    if (length < 0 || length > MAX_PAYLOAD || type == null) {
      return new Parsed.Bad();
    }
    if (in.remaining() < HEADER + length) {
      return new Parsed.Incomplete();
    }
    if (in.getInt(start + Integer.BYTES) != checksum(in, start, length)) {
      return new Parsed.Bad();
    }
    byte[] payload = new byte[length];
    in.position(start + HEADER).get(payload);
    MemberId member = new MemberId(in.getLong(start + CHECKED_FROM + Integer.BYTES));
    return new Parsed.Whole(new EventRecord(type, member, payload));
  }

  private static int checksum(ByteBuffer bytes, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(start + CHECKED_FROM, HEADER - CHECKED_FROM + length));
    return (int) crc.getValue();
  }
}
