package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Removes objects that no live inode of their family names; idempotent, so a crash in the middle
 * leaves only work for the next sweep.
 *
 * <p>What keeps data safe (R8): only objects of vids that are dead (deleted, or never committed)
 * are swept, those of a live head go only through {@link #dropped}; nothing is removed while a vid
 * of the family is reserved; the inode of a head is read from all its replicas and then synced; an
 * inode that cannot be read ends the sweep. While a dead vid is in the lineage of a lock, its
 * client may still index what it has created there: then only objects go that were in an index
 * before ({@link IndexedObjects}); the end of the lock begins the deletion once more, for the rest.
 */
final class Sweep {
  private static final int PARALLEL_REMOVALS = 16;

  /** Objects that are looked for in the indexes together: what is in memory at a time. */
  private static final int BATCH = 1 << 16;

  private static final Duration RETRY = Duration.ofMillis(500);

  private final ClusterAgent agent;
  private final ObjectGateway gateway;
  private final InodeObjects inodes;
  private final Broadcast members;
  private final Scheduler scheduler;
  private final WritePolicy policy;
  private final IndexedObjects indexed = new IndexedObjects();
  private final Set<VdiId> owed = new HashSet<>();

  Sweep(
      ClusterAgent agent,
      ObjectGateway gateway,
      InodeObjects inodes,
      Broadcast members,
      Scheduler scheduler,
      WritePolicy policy) {
    this.agent = agent;
    this.gateway = gateway;
    this.inodes = inodes;
    this.members = members;
    this.scheduler = scheduler;
    this.policy = policy;
  }

  /** Locks were granted, moved or ended. */
  void locksChanged(LockTable locks) {
    indexed.keepOnly(locks);
  }

  /**
   * Notes what the index of a VDI names that is about to be emptied, if somebody holds a lock on a
   * vid of its family. An index that cannot be read costs nothing but time: see {@link
   * IndexedObjects}.
   */
  CompletionStage<Void> noteIndex(VdiEntry deleted) {
    ClusterState state = agent.state();
    long count = ceilingDivide(deleted.size(), 1L << deleted.blockSizeShift());
    boolean held =
        state.directory().family(deleted.vid()).stream()
            .anyMatch(e -> !isLive(e) && state.locks().of(e.vid()) != null);
    if (!held || count == 0) {
      return CompletableFuture.completedFuture(null);
    }
    return inodes
        .readIndex(deleted.vid(), 0, (int) Math.min(count, InodeLayout.INDEX_ENTRIES))
        .thenAccept(
            table -> {
              if (table.code() == ResultCode.SUCCESS) {
                indexed.noteAll(agent.state().locks(), table.data());
              }
              table.data().release();
            });
  }

  private static long ceilingDivide(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /** See {@link Reclamation#dropped}. */
  CompletionStage<Void> dropped(VdiId inodeOwner, VdiId objectOwner, long index, long generation) {
    VdiDirectory directory = agent.state().directory();
    VdiEntry owner = directory.entry(objectOwner);
    Set<ObjectId> candidates = new TreeSet<>();
    candidates.add(ObjectId.data(objectOwner, index));
    if (objectOwner.equals(inodeOwner)) {
      // only a frozen head or a snapshot gets descendants: nobody else can name the objects of a
      // head that is being written
      return gateway.remove(ObjectId.data(objectOwner, index), generation).thenApply(code -> null);
    }
    if (owner == null || isLive(owner)) {
      // a snapshot's index never changes: that its descendant named the object means that the
      // snapshot still does
      return CompletableFuture.completedFuture(null);
    }
    indexed.note(agent.state().locks(), objectOwner, index);
    if (isReserved(directory, objectOwner)
        || !unburied(directory, objectOwner, Set.of()).isEmpty()) {
      owe(objectOwner);
      return CompletableFuture.completedFuture(null);
    }
    return Steps.then(
            keepNamed(candidates, others(directory, objectOwner, inodeOwner)),
            () -> remove(candidates))
        .thenAccept(
            code -> {
              if (code != ResultCode.SUCCESS) {
                owe(objectOwner);
              }
            });
  }

  /** Sweeps a family once nothing of it is reserved any more. */
  private void owe(VdiId vid) {
    if (owed.add(vid)) {
      scheduler.schedule(RETRY, () -> settle(vid));
    }
  }

  private void settle(VdiId vid) {
    family(vid, Set.of())
        .whenComplete(
            (code, failure) -> {
              if (failure == null && code == ResultCode.SUCCESS) {
                owed.remove(vid);
              } else {
                scheduler.schedule(RETRY, () -> settle(vid));
              }
            });
  }

  private static List<VdiEntry> others(
      VdiDirectory directory, VdiId objectOwner, VdiId inodeOwner) {
    return live(directory.family(objectOwner)).stream()
        .filter(e -> !e.vid().equals(inodeOwner))
        .toList();
  }

  /**
   * Sweeps all dead vids of the family of a vid.
   *
   * @param vid whose inode has just been emptied durably
   * @param buried all whose inodes this node has emptied durably, that one included
   * @return AGAIN while a vid of the family is reserved, or is being deleted by somebody who may
   *     sweep before this one
   */
  CompletionStage<ResultCode> family(VdiId vid, Set<VdiId> buried) {
    VdiDirectory directory = agent.state().directory();
    if (isReserved(directory, vid)) {
      return Steps.ended(ResultCode.AGAIN);
    }
    List<VdiEntry> unburied = unburied(directory, vid, buried);
    if (!unburied.isEmpty()) {
      // the deletion with the highest vid waits for the others and sweeps for all; its end is
      // refused when more have died since its sweep began, so it misses none that left the work to
      // it
      boolean leave =
          buried.contains(vid) && unburied.stream().anyMatch(e -> e.vid().compareTo(vid) > 0);
      return Steps.ended(leave ? ResultCode.SUCCESS : ResultCode.AGAIN);
    }
    Set<ObjectId> candidates = new TreeSet<>();
    return Steps.then(
        Steps.forEach(
            dead(directory, vid),
            1,
            dead ->
                Steps.then(
                    members.list(dead, oid -> addIfSwept(candidates, oid)),
                    () ->
                        candidates.size() < BATCH
                            ? Steps.success()
                            : removeUnnamed(vid, candidates, buried))),
        () -> removeUnnamed(vid, candidates, buried));
  }

  private static void addIfSwept(Set<ObjectId> candidates, ObjectId oid) {
    if (oid.kind() == ObjectKind.DATA || oid.kind() == ObjectKind.VMSTATE) {
      candidates.add(oid);
    }
  }

  private static List<VdiId> dead(VdiDirectory directory, VdiId vid) {
    return directory.family(vid).stream().filter(e -> !isLive(e)).map(VdiEntry::vid).toList();
  }

  /**
   * The vids of a family that are deleted in the directory and whose inodes may still name objects
   * on some replica: after a loss of power they would count (R8).
   *
   * @param buried the vids whose inodes are known to be empty
   */
  private static List<VdiEntry> unburied(VdiDirectory directory, VdiId vid, Set<VdiId> buried) {
    return directory.family(vid).stream()
        .filter(e -> e.state() == VdiEntry.State.DELETING && !buried.contains(e.vid()))
        .toList();
  }

  /**
   * Removes of {@code candidates}, objects of dead vids of one family, what no live inode names,
   * and empties the set. Every live inode is read once, however many the dead are.
   */
  private CompletionStage<ResultCode> removeUnnamed(
      VdiId vid, Set<ObjectId> candidates, Set<VdiId> buried) {
    spareUnindexed(candidates);
    if (candidates.isEmpty()) {
      return Steps.success();
    }
    VdiDirectory directory = agent.state().directory();
    if (isReserved(directory, vid) || !unburied(directory, vid, buried).isEmpty()) {
      return Steps.ended(ResultCode.AGAIN);
    }
    return Steps.then(
        keepNamed(candidates, live(directory.family(vid))),
        () -> {
          List<ObjectId> unnamed = List.copyOf(candidates);
          candidates.clear();
          return remove(unnamed);
        });
  }

  /** Takes out of {@code candidates} what the holder of a lock may have created and index yet. */
  private void spareUnindexed(Set<ObjectId> candidates) {
    if (policy.sparesObjectsToBeIndexed()) {
      LockTable locks = agent.state().locks();
      candidates.removeIf(
          oid ->
              oid.kind() == ObjectKind.DATA
                  && locks.of(oid.vid()) != null
                  && !indexed.contains(oid));
    }
  }

  /**
   * Takes out of {@code candidates} what the index of any of {@code namers} names.
   *
   * <p>The index of a snapshot is the same everywhere. That of a head may be changing: what any of
   * its replicas still names stays, and what none names any more is dropped durably everywhere by
   * the sync that follows; a write that is on its way to some replica gives the object back itself
   * when it has ended.
   */
  private CompletionStage<ResultCode> keepNamed(Set<ObjectId> candidates, List<VdiEntry> namers) {
    return Steps.forEach(
        namers,
        1,
        entry ->
            entry.state() == VdiEntry.State.HEAD
                ? Steps.then(
                    keepNamedBy(candidates, entry, this::readEverywhere),
                    () -> members.sync(entry.vid()))
                : keepNamedBy(candidates, entry, this::readOnce));
  }

  /** Reads a piece of an index. */
  private interface IndexReading {
    CompletionStage<ResultCode> read(
        VdiEntry namer, long first, int count, Consumer<ByteBuf> onEntries);
  }

  private CompletionStage<ResultCode> keepNamedBy(
      Set<ObjectId> candidates, VdiEntry namer, IndexReading index) {
    LongSummaryStatistics indexes =
        candidates.stream()
            .filter(oid -> oid.kind() == ObjectKind.DATA)
            .mapToLong(ObjectId::index)
            .summaryStatistics();
    if (indexes.getCount() == 0) {
      return Steps.success();
    }
    long first = indexes.getMin();
    int count = (int) (indexes.getMax() - first + 1);
    return index.read(
        namer, first, count, entries -> removeNamed(candidates, entries, first, count));
  }

  private CompletionStage<ResultCode> readEverywhere(
      VdiEntry namer, long first, int count, Consumer<ByteBuf> onEntries) {
    return members.readEach(
        ObjectId.inode(namer.vid()),
        InodeLayout.INDEX_OFFSET + first * InodeLayout.INDEX_ENTRY_SIZE,
        count * InodeLayout.INDEX_ENTRY_SIZE,
        onEntries);
  }

  private CompletionStage<ResultCode> readOnce(
      VdiEntry namer, long first, int count, Consumer<ByteBuf> onEntries) {
    return inodes
        .readIndex(namer.vid(), first, count)
        .thenApply(
            table -> {
              try {
                if (table.code() == ResultCode.SUCCESS) {
                  onEntries.accept(table.data());
                }
                return table.code();
              } finally {
                table.data().release();
              }
            });
  }

  private static void removeNamed(
      Set<ObjectId> candidates, ByteBuf entries, long first, int count) {
    for (Iterator<ObjectId> it = candidates.iterator(); it.hasNext(); ) {
      ObjectId oid = it.next();
      long slot = oid.index() - first;
      if (oid.kind() == ObjectKind.DATA
          && slot >= 0
          && slot < count
          && entries.getIntLE(entries.readerIndex() + (int) slot * Integer.BYTES)
              == oid.vid().value()) {
        it.remove();
      }
    }
  }

  private CompletionStage<ResultCode> remove(Collection<ObjectId> objects) {
    return Steps.forEach(
        new ArrayList<>(objects),
        PARALLEL_REMOVALS,
        oid ->
            gateway
                .remove(oid)
                .thenApply(code -> code == ResultCode.NO_OBJ ? ResultCode.SUCCESS : code));
  }

  private static List<VdiEntry> live(Collection<VdiEntry> family) {
    return family.stream().filter(Sweep::isLive).toList();
  }

  private static boolean isLive(VdiEntry entry) {
    return entry.state() == VdiEntry.State.HEAD || entry.state() == VdiEntry.State.SNAPSHOT;
  }

  private static boolean isReserved(VdiDirectory directory, VdiId vid) {
    return directory.family(vid).stream().anyMatch(e -> e.state() == VdiEntry.State.RESERVED);
  }
}
