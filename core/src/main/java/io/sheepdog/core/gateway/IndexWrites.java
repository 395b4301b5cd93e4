package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.volume.Reclamation;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Clients' writes to the index table of a working VDI.
 *
 * <p>An entry may become 0, the VDI's own vid, or an ancestor's, or stay what it is (R8). Where an
 * entry stops naming an object the write is made durable on all replicas, whatever the client's
 * CACHE flag says, and only then the object may go.
 */
final class IndexWrites {
  private static final int ENTRY = InodeLayout.INDEX_ENTRY_SIZE;
  private static final int MAX_RECLAIMS = 32;

  private final ClusterView cluster;
  private final ObjectShapes shapes;
  private final Ordering ordering;
  private final ObjectReader reader;
  private final Replication replication;
  private final Reclamation reclamation;
  private final Unflushed unflushed;

  IndexWrites(
      ClusterView cluster,
      ObjectShapes shapes,
      Ordering ordering,
      ObjectReader reader,
      Replication replication,
      Reclamation reclamation,
      Unflushed unflushed) {
    this.cluster = cluster;
    this.shapes = shapes;
    this.ordering = ordering;
    this.reader = reader;
    this.replication = replication;
    this.reclamation = reclamation;
    this.unflushed = unflushed;
  }

  /**
   * An admitted write to the table.
   *
   * @param offset in the inode, at an entry
   * @param entries whole entries, not consumed
   * @param durable whether the client wants it on stable storage
   */
  record Write(
      ClientSession session,
      VdiId vid,
      long offset,
      ByteBuf entries,
      long generation,
      boolean durable) {
    ObjectId inode() {
      return ObjectId.inode(vid);
    }

    long first() {
      return (offset - InodeLayout.INDEX_OFFSET) / ENTRY;
    }

    int count() {
      return entries.readableBytes() / ENTRY;
    }

    int entry(int i) {
      return entries.getIntLE(entries.readerIndex() + i * ENTRY);
    }
  }

  /** An entry that stopped naming an object. */
  private record Dropped(VdiId owner, long index) {}

  /** Whether such a range of an inode consists of whole entries. */
  static boolean isAligned(long offset, int length) {
    return (offset - InodeLayout.INDEX_OFFSET) % ENTRY == 0 && length % ENTRY == 0;
  }

  /** The entry of one object, as a write of zero to it. */
  static Write clearing(ClientSession session, ObjectId data, long generation) {
    long offset = InodeLayout.INDEX_OFFSET + data.index() * ENTRY;
    return new Write(
        session, data.vid(), offset, Unpooled.wrappedBuffer(new byte[ENTRY]), generation, true);
  }

  CompletionStage<ResultCode> write(Write write) {
    int length = write.entries().readableBytes();
    return ordering.entries(
        write.vid(),
        write.first(),
        write.first() + write.count(),
        () -> ordering.bytes(write.inode(), write.offset(), length, () -> replace(write, length)));
  }

  private CompletionStage<ResultCode> replace(Write write, int length) {
    return reader
        .read(write.inode(), write.offset(), length)
        .thenCompose(
            old -> {
              if (old.code() != ResultCode.SUCCESS) {
                return CompletableFuture.completedFuture(old.code());
              }
              List<Dropped> dropped = new ArrayList<>();
              ResultCode code;
              try {
                code = compare(write, old.data(), dropped);
              } finally {
                old.data().release();
              }
              return code == ResultCode.SUCCESS
                  ? store(write, length, dropped)
                  : CompletableFuture.completedFuture(code);
            });
  }

  /**
   * Adds what the write makes unnamed to {@code dropped}. Not SUCCESS when an entry would name what
   * this VDI cannot have (R8).
   */
  private ResultCode compare(Write write, ByteBuf old, List<Dropped> dropped) {
    VdiDirectory directory = cluster.state().directory();
    VdiEntry entry = directory.entry(write.vid());
    int allowed = write.vid().value();
    for (int i = 0; i < write.count(); i++) {
      int before = old.getIntLE(old.readerIndex() + i * ENTRY);
      int after = write.entry(i);
      if (before == after) {
        continue;
      }
      if (after != 0 && after != write.vid().value() && after != allowed) {
        if (entry == null
            || !VdiId.isValid(after)
            || !DataWrites.descends(directory, entry, new VdiId(after))) {
          return ResultCode.INVALID_PARMS;
        }
        if (isGone(new VdiId(after))) {
          return ResultCode.VDI_LOCKED;
        }
        allowed = after;
      }
      if (before != 0 && VdiId.isValid(before)) {
        dropped.add(new Dropped(new VdiId(before), write.first() + i));
      }
    }
    return ResultCode.SUCCESS;
  }

  /**
   * Whether the objects of a deleted VDI are being removed. Only its own writer, whose lock covers
   * it, may still index what it created there; one that lost that lock meanwhile is too late.
   */
  private boolean isGone(VdiId vid) {
    VdiEntry entry = cluster.state().directory().entry(vid);
    boolean isAlive =
        entry != null
            && (entry.state() == VdiEntry.State.HEAD || entry.state() == VdiEntry.State.SNAPSHOT);
    return !isAlive && cluster.state().locks().of(vid) == null;
  }

  private CompletionStage<ResultCode> store(Write write, int length, List<Dropped> dropped) {
    ObjectAttributes shape = shapes.of(write.inode());
    if (shape == null) {
      return CompletableFuture.completedFuture(ResultCode.NO_OBJ);
    }
    boolean durable = write.durable() || !dropped.isEmpty();
    return replication
        .run(
            Change.write(write.inode(), shape, write.offset(), length, write.generation(), durable),
            write.entries())
        .thenCompose(
            result -> {
              if (result.code() != ResultCode.SUCCESS) {
                return CompletableFuture.completedFuture(result.code());
              }
              if (!durable) {
                unflushed.note(write.session(), write.inode(), result.replicas());
              }
              return reclaim(write.vid(), dropped, write.generation())
                  .thenApply(ignored -> ResultCode.SUCCESS);
            });
  }

  /**
   * Gives the objects back. The client waits if one is of its own vid, because it may create an
   * object of the same name next; an ancestor's is never created again.
   */
  private CompletionStage<Void> reclaim(VdiId vid, List<Dropped> dropped, long generation) {
    CompletionStage<Void> gone =
        Parallel.forEach(
            dropped,
            MAX_RECLAIMS,
            drop -> reclamation.dropped(vid, drop.owner(), drop.index(), generation));
    boolean own = dropped.stream().anyMatch(drop -> drop.owner().equals(vid));
    return own ? gone : CompletableFuture.completedFuture(null);
  }
}
