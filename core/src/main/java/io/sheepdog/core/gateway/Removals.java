package io.sheepdog.core.gateway;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Clients' REMOVE_OBJ: only of data that the VDI's own index does not name any more (R8), and of VM
 * state.
 */
final class Removals {
  private final Admission admission;
  private final ObjectShapes shapes;
  private final Ordering ordering;
  private final ObjectReader reader;
  private final Replication replication;

  Removals(
      Admission admission,
      ObjectShapes shapes,
      Ordering ordering,
      ObjectReader reader,
      Replication replication) {
    this.admission = admission;
    this.shapes = shapes;
    this.ordering = ordering;
    this.reader = reader;
    this.replication = replication;
  }

  CompletionStage<ResultCode> remove(ClientSession session, ObjectId oid) {
    ObjectAttributes shape = shapes.of(oid);
    boolean data = oid.kind() == ObjectKind.DATA && oid.index() < InodeLayout.INDEX_ENTRIES;
    if (!data && oid.kind() != ObjectKind.VMSTATE) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    if (shape == null) {
      return CompletableFuture.completedFuture(ResultCode.NO_OBJ);
    }
    return admission.withGrant(
        session,
        oid.vid(),
        oid.kind(),
        grant ->
            ordering.creation(
                oid,
                () -> {
                  Change removal = Change.remove(oid, shape).under(grant.generation());
                  return (data ? named(oid) : CompletableFuture.completedFuture(ResultCode.SUCCESS))
                      .thenCompose(
                          code ->
                              code == ResultCode.SUCCESS
                                  ? replication
                                      .run(removal, Unpooled.EMPTY_BUFFER)
                                      .thenApply(Replication.Result::code)
                                  : CompletableFuture.completedFuture(code));
                }));
  }

  /** INVALID_PARMS when the index of the object's VDI names it. */
  private CompletionStage<ResultCode> named(ObjectId oid) {
    int offset = InodeLayout.indexEntryOffset((int) oid.index());
    return reader
        .read(ObjectId.inode(oid.vid()), offset, InodeLayout.INDEX_ENTRY_SIZE)
        .thenApply(
            entry -> {
              try {
                if (entry.code() != ResultCode.SUCCESS) {
                  return entry.code();
                }
                int owner = entry.data().getIntLE(entry.data().readerIndex());
                return owner == oid.vid().value() ? ResultCode.INVALID_PARMS : ResultCode.SUCCESS;
              } finally {
                entry.data().release();
              }
            });
  }
}
