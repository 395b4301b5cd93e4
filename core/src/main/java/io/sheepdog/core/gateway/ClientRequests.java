package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.ObjectReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes clients' object requests apart and puts their replies together. A reply to anything but a
 * successful read carries no payload, and a client sees none of the codes that nodes use among
 * themselves (spec/client-behaviour.md sections 1.3 and 1.4).
 */
final class ClientRequests {
  /** Codes from here on are between nodes. */
  private static final int FIRST_INTERNAL = 0x80;

  private final ClusterView cluster;
  private final WriteGrants grants;
  private final ClientReads reads;
  private final DataWrites data;
  private final InodeWrites inodes;
  private final Removals removals;
  private final Flushes flushes;

  ClientRequests(
      ClusterView cluster,
      WriteGrants grants,
      ClientReads reads,
      DataWrites data,
      InodeWrites inodes,
      Removals removals,
      Flushes flushes) {
    this.cluster = cluster;
    this.grants = grants;
    this.reads = reads;
    this.data = data;
    this.inodes = inodes;
    this.removals = removals;
    this.flushes = flushes;
  }

  CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    Opcode opcode = request.operation();
    if (opcode == null
        || !(request.body() instanceof ObjectBody body)
        || !isConsistent(request, payload)) {
      return refuse(request);
    }
    ObjectId oid = body.oid();
    if (oid.kind() == ObjectKind.INVALID || oid.kind() == ObjectKind.LEDGER) {
      return refuse(request);
    }
    return switch (opcode) {
      case READ_OBJ -> read(session, request, body);
      case WRITE_OBJ -> answer(request, write(session, request, body, payload));
      case CREATE_AND_WRITE_OBJ ->
          // inodes are made by NEW_VDI only
          isBlock(oid)
              ? answer(request, data.create(session, request, body, payload))
              : refuse(request);
      case REMOVE_OBJ -> answer(request, removals.remove(session, oid));
      case DISCARD_OBJ -> answer(request, inodes.discard(session, oid));
      case FLUSH_VDI -> answer(request, flushes.flush(session, oid.vid()));
      default -> refuse(request);
    };
  }

  private static boolean isConsistent(Request request, ByteBuf payload) {
    int announced = request.hasFlag(RequestFlags.WRITE) ? request.dataLength() : 0;
    return payload.readableBytes() == announced;
  }

  private static boolean isBlock(ObjectId oid) {
    return oid.kind() == ObjectKind.DATA || oid.kind() == ObjectKind.VMSTATE;
  }

  private CompletionStage<ResultCode> write(
      ClientSession session, Request request, ObjectBody body, ByteBuf payload) {
    if (!request.hasFlag(RequestFlags.WRITE) && request.dataLength() > 0) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    if (body.oid().kind() == ObjectKind.INODE) {
      return inodes.write(session, request, body, payload);
    }
    return isBlock(body.oid())
        ? data.write(session, request, body, payload)
        : CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
  }

  private CompletionStage<Reply> read(ClientSession session, Request request, ObjectBody body) {
    int length = request.dataLength();
    if (request.replyRoom() != length || length > Limits.MAX_PAYLOAD) {
      return refuse(request);
    }
    grants.noteUse(session, body.oid().vid());
    return reads
        .read(body.oid(), body.offset(), length)
        .thenApply(read -> reply(request, read.code(), read.data()));
  }

  private CompletionStage<Reply> refuse(Request request) {
    return CompletableFuture.completedFuture(
        reply(request, ResultCode.INVALID_PARMS, Unpooled.EMPTY_BUFFER));
  }

  private CompletionStage<Reply> answer(Request request, CompletionStage<ResultCode> result) {
    return result.thenApply(code -> reply(request, code, Unpooled.EMPTY_BUFFER));
  }

  private Reply reply(Request request, ResultCode code, ByteBuf payload) {
    ResultCode shown = code.code() >= FIRST_INTERNAL ? ResultCode.EIO : code;
    Response header =
        Response.to(request, cluster.servingEpoch(), shown, ObjectReply.EMPTY)
            .withDataLength(payload.readableBytes());
    return new Reply(header, payload);
  }
}
