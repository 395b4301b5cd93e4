package io.sheepdog.core.gateway;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Clients' READ_OBJ. Of a vid that is reserved or was deleted an empty inode is read, whatever is
 * on the disks: listing snapshots and probing for names stop at the first vid that gives an error
 * (R15). Only the index of a vid that was deleted under a living lock cannot be read: its client
 * has locked the VDI and would take the empty inode for it, had somebody snapshotted it and deleted
 * the snapshot in between.
 */
final class ClientReads {
  private final ClusterView cluster;
  private final ObjectReader reader;
  private final Ordering ordering;

  ClientReads(ClusterView cluster, ObjectReader reader, Ordering ordering) {
    this.cluster = cluster;
    this.reader = reader;
    this.ordering = ordering;
  }

  CompletionStage<ReadResult> read(ObjectId oid, long offset, int length) {
    VdiEntry entry = cluster.state().directory().entry(oid.vid());
    if (oid.kind() != ObjectKind.INODE || entry == null || entry.isVisible()) {
      return reader.read(oid, offset, length, asking -> ordering.read(oid, offset, length, asking));
    }
    if (offset + length > InodeLayout.INDEX_OFFSET
        && cluster.state().locks().of(oid.vid()) != null
        && entry.state() != VdiEntry.State.RESERVED) {
      return CompletableFuture.completedFuture(ReadResult.failed(ResultCode.NO_OBJ));
    }
    return CompletableFuture.completedFuture(
        offset + length > InodeLayout.FULL_SIZE
            ? ReadResult.failed(ResultCode.INVALID_PARMS)
            : new ReadResult(ResultCode.SUCCESS, Unpooled.wrappedBuffer(new byte[length])));
  }
}
