package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.Grant;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
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
 * Clients' writes to data and VM state objects.
 *
 * <p>Creating an object that exists replaces it completely, as v1.0 does (spec/wire-protocol.md
 * section 11). A client that sends a create again after a reconnect decides anew from its own index
 * table whether it still is one; the first one, if it is still under way, is carried out before.
 */
final class DataWrites {
  private final ClusterView cluster;
  private final Admission admission;
  private final ObjectShapes shapes;
  private final Ordering ordering;
  private final Replication replication;
  private final ObjectCreation creation;
  private final Unflushed unflushed;

  DataWrites(
      ClusterView cluster,
      Admission admission,
      ObjectShapes shapes,
      Ordering ordering,
      Replication replication,
      ObjectCreation creation,
      Unflushed unflushed) {
    this.cluster = cluster;
    this.admission = admission;
    this.shapes = shapes;
    this.ordering = ordering;
    this.replication = replication;
    this.creation = creation;
    this.unflushed = unflushed;
  }

  /** WRITE_OBJ. */
  CompletionStage<ResultCode> write(
      ClientSession session, Request request, ObjectBody body, ByteBuf payload) {
    return checked(
        session,
        body,
        payload,
        (grant, shape) ->
            payload.isReadable()
                ? write(session, body, shape, grant, payload, !request.hasFlag(RequestFlags.CACHE))
                : CompletableFuture.completedFuture(ResultCode.SUCCESS));
  }

  private CompletionStage<ResultCode> write(
      ClientSession session,
      ObjectBody body,
      ObjectAttributes shape,
      Grant grant,
      ByteBuf payload,
      boolean durable) {
    int length = payload.readableBytes();
    ObjectId oid = body.oid();
    return ordering.bytes(
        oid,
        body.offset(),
        length,
        () ->
            replication
                .run(
                    Change.write(oid, shape, body.offset(), length, grant.generation(), durable),
                    payload)
                .thenApply(
                    result -> {
                      if (!durable && result.code() == ResultCode.SUCCESS) {
                        unflushed.note(session, oid, result.replicas());
                      }
                      return result.code();
                    }));
  }

  /** CREATE_AND_WRITE_OBJ. */
  CompletionStage<ResultCode> create(
      ClientSession session, Request request, ObjectBody body, ByteBuf payload) {
    boolean copies = request.hasFlag(RequestFlags.COW);
    if (copies && !isAncestors(body)) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    return checked(
        session,
        body,
        payload,
        (grant, shape) ->
            ordering.creation(
                body.oid(),
                () ->
                    copies
                        ? creation.copy(
                            new ObjectCreation.Copy(
                                body.oid(),
                                body.cowOid(),
                                shape,
                                body.offset(),
                                grant.generation()),
                            payload)
                        : replication
                            .run(
                                Change.create(
                                    body.oid(),
                                    shape,
                                    body.offset(),
                                    payload.readableBytes(),
                                    grant.generation()),
                                payload)
                            .thenApply(Replication.Result::code)));
  }

  /** What to do once the request is admitted. */
  private interface Write {
    CompletionStage<ResultCode> start(Grant grant, ObjectAttributes shape);
  }

  private CompletionStage<ResultCode> checked(
      ClientSession session, ObjectBody body, ByteBuf payload, Write write) {
    ObjectId oid = body.oid();
    ObjectAttributes shape = shapes.of(oid);
    if (shape == null) {
      return CompletableFuture.completedFuture(ResultCode.NO_OBJ);
    }
    if ((oid.kind() == ObjectKind.DATA && oid.index() >= InodeLayout.INDEX_ENTRIES)
        || body.offset() + payload.readableBytes() > shape.size()) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    payload.retain();
    return admission
        .withGrant(session, oid.vid(), oid.kind(), grant -> write.start(grant, shape))
        .whenComplete((code, failure) -> payload.release());
  }

  /** Whether the copy-on-write source is the same block of an ancestor, of the same size. */
  private boolean isAncestors(ObjectBody body) {
    ObjectId oid = body.oid();
    ObjectId source = body.cowOid();
    VdiDirectory directory = cluster.state().directory();
    VdiEntry entry = directory.entry(oid.vid());
    VdiEntry ancestor = directory.entry(source.vid());
    return oid.kind() == ObjectKind.DATA
        && source.kind() == ObjectKind.DATA
        && oid.index() == source.index()
        && entry != null
        && ancestor != null
        && entry.blockSizeShift() == ancestor.blockSizeShift()
        && descends(directory, entry, source.vid());
  }

  /** Whether {@code ancestor} is among those that {@code entry} started with the contents of. */
  static boolean descends(VdiDirectory directory, VdiEntry entry, VdiId ancestor) {
    VdiEntry current = entry;
    // parents are older vids, so the chain ends; bounded all the same
    for (int steps = 0; current != null && steps <= VdiId.MAX_VALUE; steps++) {
      if (current.parent().isNone()) {
        return false;
      }
      if (current.parent().equals(ancestor)) {
        return true;
      }
      current = directory.entry(current.parent());
    }
    return false;
  }
}
