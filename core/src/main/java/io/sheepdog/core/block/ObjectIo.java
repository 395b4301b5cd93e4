package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.payload.NameTag;
import java.util.concurrent.CompletionStage;

/** The requests of one session, as methods. Buffers that are given are not consumed. */
final class ObjectIo {
  /**
   * Of the versions that are accepted the one that neither QEMU nor {@code dog} gives its writes:
   * of theirs, some that clear an index are taken for preparations of a deletion and change
   * nothing.
   */
  private static final int VERSION = 1;

  private final BlockHost host;
  private final ClientSession session;

  ObjectIo(BlockHost host, ClientSession session) {
    this.host = host;
    this.session = session;
  }

  /** READ_OBJ. */
  CompletionStage<ReadResult> read(ObjectId oid, long offset, int length) {
    Request request =
        Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, ObjectBody.of(oid, offset));
    return host.handle(session, request, Unpooled.EMPTY_BUFFER).thenApply(ObjectIo::toRead);
  }

  private static ReadResult toRead(Reply reply) {
    if (reply.header().isSuccess()) {
      return new ReadResult(ResultCode.SUCCESS, reply.payload());
    }
    reply.release();
    return ReadResult.failed(codeOf(reply));
  }

  /** WRITE_OBJ of an object that exists. */
  CompletionStage<ResultCode> write(ObjectId oid, long offset, ByteBuf data, boolean durable) {
    int flags = RequestFlags.WRITE | (durable ? RequestFlags.DIRECT : RequestFlags.CACHE);
    return send(
        Request.of(Opcode.WRITE_OBJ, flags, data.readableBytes(), ObjectBody.of(oid, offset))
            .withProtocolVersion(VERSION),
        data);
  }

  /** Creates an object that is zero where {@code data} is not, durably. */
  CompletionStage<ResultCode> create(ObjectId oid, long offset, ByteBuf data) {
    return send(
        Request.of(
            Opcode.CREATE_AND_WRITE_OBJ,
            RequestFlags.WRITE | RequestFlags.DIRECT,
            data.readableBytes(),
            ObjectBody.of(oid, offset)),
        data);
  }

  /** Creates an object that is like {@code source} where {@code data} is not, durably. */
  CompletionStage<ResultCode> copyOnWrite(
      ObjectId oid, ObjectId source, long offset, ByteBuf data) {
    return send(
        Request.of(
            Opcode.CREATE_AND_WRITE_OBJ,
            RequestFlags.WRITE | RequestFlags.COW | RequestFlags.DIRECT,
            data.readableBytes(),
            ObjectBody.of(oid, offset).withCowOid(source)),
        data);
  }

  /** Writes index entries from number {@code first} on. */
  CompletionStage<ResultCode> writeIndex(VdiId vid, int first, ByteBuf entries, boolean durable) {
    return write(ObjectId.inode(vid), InodeLayout.indexEntryOffset(first), entries, durable);
  }

  /** FLUSH_VDI: all that this session had acknowledged. */
  CompletionStage<ResultCode> flush(VdiId vid) {
    return send(
        Request.of(Opcode.FLUSH_VDI, ObjectBody.of(ObjectId.inode(vid), 0)), Unpooled.EMPTY_BUFFER);
  }

  /** LOCK_VDI for as long as the session is open. */
  CompletionStage<ResultCode> lock(String name) {
    ByteBuf payload = Unpooled.buffer(NameTag.NAME_SIZE, NameTag.NAME_SIZE);
    NameTag.of(name).encodeName(payload);
    VdiBody body = new VdiBody(0, VdiId.NONE, 0, 0, 0, 0, 0, VdiBody.LOCK_ATTACHED);
    Request request = Request.of(Opcode.LOCK_VDI, RequestFlags.WRITE, NameTag.NAME_SIZE, body);
    return send(request, payload);
  }

  private CompletionStage<ResultCode> send(Request request, ByteBuf payload) {
    return host.handle(session, request, payload)
        .thenApply(
            reply -> {
              reply.release();
              return codeOf(reply);
            });
  }

  private static ResultCode codeOf(Reply reply) {
    ResultCode code = reply.header().resultCode();
    return code == null ? ResultCode.UNKNOWN : code;
  }
}
