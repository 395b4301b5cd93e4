package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.Grant;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Clients' WRITE_OBJ to inodes, taken apart into index table and header, which have rules of their
 * own.
 *
 * <p>The historical reference table behind the index reads as zero always: objects are given back
 * by looking at who names them, not by counting. Bytes written there are accepted and dropped. A
 * write of length 0 is how QEMU sends a flush again after a reconnect (spec/client-behaviour.md
 * section 1.3), so it is one.
 */
final class InodeWrites {
  private final Admission admission;
  private final IndexWrites index;
  private final HeaderWrites header;
  private final Flushes flushes;
  private final NeedlessClearing clearing;

  InodeWrites(
      Admission admission,
      IndexWrites index,
      HeaderWrites header,
      Flushes flushes,
      NeedlessClearing clearing) {
    this.clearing = clearing;
    this.admission = admission;
    this.index = index;
    this.header = header;
    this.flushes = flushes;
  }

  CompletionStage<ResultCode> write(
      ClientSession session, Request request, ObjectBody body, ByteBuf payload) {
    VdiId vid = body.oid().vid();
    long offset = body.offset();
    int length = payload.readableBytes();
    if (length == 0) {
      return flushes.flush(session, vid);
    }
    if (offset + length > InodeLayout.FULL_SIZE) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    if (clearing.matches(session, request, vid, offset, payload)) {
      return CompletableFuture.completedFuture(ResultCode.SUCCESS);
    }
    long from = Math.max(offset, InodeLayout.INDEX_OFFSET);
    long end = Math.min(offset + length, InodeLayout.QEMU_SIZE);
    boolean hasIndex = from < end;
    if (hasIndex && !IndexWrites.isAligned(from, (int) (end - from))) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    if (request.hasFlag(RequestFlags.SHRINK)) {
      // only whoever has the VDI for himself knows that nothing is behind the new end
      payload.retain();
      return admission
          .withGrant(
              session, vid, ObjectKind.INODE, grant -> header.writeSmaller(vid, offset, payload))
          .whenComplete((code, failure) -> payload.release());
    }
    payload.retain();
    CompletionStage<ResultCode> written =
        hasIndex
            ? admission.withGrant(
                session,
                vid,
                ObjectKind.INODE,
                grant ->
                    table(session, request, vid, grant, part(payload, offset, from, end), from)
                        .thenCompose(code -> headerAfter(code, vid, offset, payload)))
            : admission.withoutGrant(
                vid, () -> headerAfter(ResultCode.SUCCESS, vid, offset, payload));
    return written.whenComplete((code, failure) -> payload.release());
  }

  /** DISCARD_OBJ: the object's entry becomes 0, and what it named goes if nobody else names it. */
  CompletionStage<ResultCode> discard(ClientSession session, ObjectId oid) {
    if (oid.kind() != ObjectKind.DATA || oid.index() >= InodeLayout.INDEX_ENTRIES) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    return admission.withGrant(
        session,
        oid.vid(),
        ObjectKind.DATA,
        grant -> index.write(IndexWrites.clearing(session, oid, grant.generation())));
  }

  private CompletionStage<ResultCode> table(
      ClientSession session, Request request, VdiId vid, Grant grant, ByteBuf entries, long from) {
    boolean durable = !request.hasFlag(RequestFlags.CACHE);
    return index.write(
        new IndexWrites.Write(session, vid, from, entries, grant.generation(), durable));
  }

  private CompletionStage<ResultCode> headerAfter(
      ResultCode code, VdiId vid, long offset, ByteBuf payload) {
    return code == ResultCode.SUCCESS && offset < InodeLayout.HEADER_SIZE
        ? header.write(vid, offset, payload)
        : CompletableFuture.completedFuture(code);
  }

  private static ByteBuf part(ByteBuf payload, long offset, long from, long end) {
    return payload.slice(payload.readerIndex() + (int) (from - offset), (int) (end - from));
  }
}
