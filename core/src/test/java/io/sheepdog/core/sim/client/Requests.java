package io.sheepdog.core.sim.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.payload.NameTag;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The requests of real clients, field by field (spec/wire-protocol.md section 10). */
final class Requests {
  private Requests() {}

  /** A request and what follows its header. */
  record Outgoing(Request request, byte[] payload) {
    Outgoing withId(int id) {
      return new Outgoing(request.withId(id), payload);
    }
  }

  private static final byte[] NOTHING = {};

  static Outgoing lock(String name) {
    return named(Opcode.LOCK_VDI, name, "", VdiBody.lookup(0));
  }

  static Outgoing info(String name, String tag) {
    return named(Opcode.GET_VDI_INFO, name, tag, VdiBody.lookup(0));
  }

  static Outgoing delete(String name, String tag) {
    return named(Opcode.DEL_VDI, name, tag, VdiBody.lookup(0));
  }

  /** As a tool asks for it: the lock ends, whosever it is. */
  static Outgoing endLock(VdiId vid) {
    return new Outgoing(Request.of(Opcode.RELEASE_VDI, VdiBody.release(vid)), new byte[0]);
  }

  static Outgoing release(String name, VdiId vid) {
    byte[] payload = Arrays.copyOf(ascii(name), name.length() + 1);
    return new Outgoing(
        Request.of(Opcode.RELEASE_VDI, RequestFlags.WRITE, payload.length, VdiBody.release(vid)),
        payload);
  }

  static Outgoing newVdi(String name, long size, VdiId base, int copies, int snapshotId) {
    ByteBuf payload = Unpooled.buffer();
    NameTag.of(name).encodeName(payload);
    byte[] bytes = ByteBufUtil.getBytes(payload);
    VdiBody body =
        new VdiBody(
            size, base, copies, 0, 0, Geometry.OBJECT_SHIFT, snapshotId, VdiBody.LOCK_NORMAL);
    return new Outgoing(
        Request.of(Opcode.NEW_VDI, RequestFlags.WRITE, bytes.length, body).withProtocolVersion(0),
        bytes);
  }

  private static Outgoing named(Opcode opcode, String name, String tag, VdiBody body) {
    ByteBuf payload = Unpooled.buffer();
    new NameTag(name, tag).encodeNameAndTag(payload);
    byte[] bytes = ByteBufUtil.getBytes(payload);
    return new Outgoing(
        Request.of(opcode, RequestFlags.WRITE, bytes.length, body).withProtocolVersion(1), bytes);
  }

  static Outgoing read(ObjectId oid, long offset, int length, int cacheFlag) {
    return new Outgoing(
        Request.of(Opcode.READ_OBJ, cacheFlag, length, ObjectBody.of(oid, offset))
            .withProtocolVersion(0),
        NOTHING);
  }

  static Outgoing write(ObjectId oid, long offset, byte[] data, int cacheFlag) {
    return new Outgoing(
        Request.of(
                Opcode.WRITE_OBJ,
                RequestFlags.WRITE | cacheFlag,
                data.length,
                ObjectBody.of(oid, offset))
            .withProtocolVersion(0),
        data);
  }

  static Outgoing create(ObjectId oid, long offset, byte[] data, int cacheFlag) {
    return new Outgoing(
        Request.of(
                Opcode.CREATE_AND_WRITE_OBJ,
                RequestFlags.WRITE | cacheFlag,
                data.length,
                ObjectBody.of(oid, offset))
            .withProtocolVersion(0),
        data);
  }

  static Outgoing copyOnWrite(
      ObjectId oid, ObjectId source, long offset, byte[] data, int cacheFlag) {
    return new Outgoing(
        Request.of(
                Opcode.CREATE_AND_WRITE_OBJ,
                RequestFlags.WRITE | RequestFlags.COW | cacheFlag,
                data.length,
                ObjectBody.of(oid, offset).withCowOid(source))
            .withProtocolVersion(0),
        data);
  }

  static Outgoing flush(VdiId vid) {
    return new Outgoing(
        Request.of(Opcode.FLUSH_VDI, ObjectBody.of(ObjectId.inode(vid), 0)).withProtocolVersion(0),
        NOTHING);
  }

  static byte[] encode(InodeHeader header) {
    ByteBuf buffer = Unpooled.buffer();
    header.encode(buffer);
    return ByteBufUtil.getBytes(buffer);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
