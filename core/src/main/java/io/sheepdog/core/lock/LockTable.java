package io.sheepdog.core.lock;

import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/**
 * All locks. Immutable; every change gives a new table.
 *
 * <p>The methods that change something check nothing; the rules of who may lock what are in {@link
 * io.sheepdog.core.cluster.ClusterState#apply}.
 */
public final class LockTable {
  /** No lock, none ever granted. */
  public static final LockTable EMPTY = new LockTable(0, TreePMap.empty(), HashTreePMap.empty());

  private final long lastGeneration;
  private final TreePMap<Long, VdiLock> locks;

  /** Generation of the lock that covers a vid, for every vid of its lineage. */
  private final PMap<VdiId, Long> lineages;

  private LockTable(
      long lastGeneration, TreePMap<Long, VdiLock> locks, PMap<VdiId, Long> lineages) {
    this.lastGeneration = lastGeneration;
    this.locks = locks;
    this.lineages = lineages;
  }

  /** The table with these locks, of which every vid is in at most one lineage. */
  public static LockTable of(long lastGeneration, Collection<VdiLock> locks) {
    LockTable table = EMPTY;
    for (VdiLock lock : locks) {
      table = table.put(lock);
    }
    return new LockTable(lastGeneration, table.locks, table.lineages);
  }

  /** The lock whose lineage contains {@code vid}, null if there is none. */
  public @Nullable VdiLock of(VdiId vid) {
    Long generation = lineages.get(vid);
    return generation == null ? null : locks.get(generation);
  }

  /** The lock of that generation, null if it ended or moved on. */
  public @Nullable VdiLock ofGeneration(long generation) {
    return locks.get(generation);
  }

  /** All locks, ascending by generation. */
  public Collection<VdiLock> all() {
    return locks.values();
  }

  /** The locks whose gateway is gone. */
  public List<VdiLock> orphaned() {
    List<VdiLock> result = new ArrayList<>();
    for (VdiLock lock : locks.values()) {
      if (lock.orphaned()) {
        result.add(lock);
      }
    }
    return result;
  }

  /** The highest generation ever given, 0 before the first grant. */
  public long lastGeneration() {
    return lastGeneration;
  }

  /** Grants a lock of the next generation; {@code vid} must not be in any lineage. */
  public LockTable grant(
      VdiId vid,
      MemberId gateway,
      NodeAddress gatewayAddress,
      String client,
      LockKind kind,
      SheepTime since) {
    return put(
        new VdiLock(
            vid,
            Set.of(vid),
            gateway,
            gatewayAddress,
            false,
            client,
            lastGeneration + 1,
            kind,
            since));
  }

  /** Moves a lock to another gateway, under the next generation. */
  public LockTable attach(VdiLock lock, MemberId gateway, NodeAddress gatewayAddress) {
    return release(lock)
        .put(
            new VdiLock(
                lock.head(),
                lock.lineage(),
                gateway,
                gatewayAddress,
                false,
                lock.client(),
                lastGeneration + 1,
                lock.kind(),
                lock.since()));
  }

  /**
   * The lock protects another vid from now on and keeps the old ones in its lineage; same
   * generation.
   */
  public LockTable moveHead(VdiLock lock, VdiId head) {
    Set<VdiId> lineage = new HashSet<>(lock.lineage());
    lineage.add(head);
    return put(
        new VdiLock(
            head,
            lineage,
            lock.gateway(),
            lock.gatewayAddress(),
            lock.orphaned(),
            lock.client(),
            lock.generation(),
            lock.kind(),
            lock.since()));
  }

  /** Ends a lock. */
  public LockTable release(VdiLock lock) {
    return new LockTable(
        lastGeneration, locks.minus(lock.generation()), lineages.minusAll(lock.lineage()));
  }

  /** Ends all locks; generations go on rising. */
  public LockTable releaseAll() {
    return new LockTable(lastGeneration, TreePMap.empty(), HashTreePMap.empty());
  }

  /** The locks of that gateway wait for their clients to come back elsewhere. */
  public LockTable orphan(MemberId gateway) {
    LockTable table = this;
    for (VdiLock lock : locks.values()) {
      if (lock.gateway().equals(gateway) && !lock.orphaned()) {
        table =
            table.put(
                new VdiLock(
                    lock.head(),
                    lock.lineage(),
                    lock.gateway(),
                    lock.gatewayAddress(),
                    true,
                    lock.client(),
                    lock.generation(),
                    lock.kind(),
                    lock.since()));
      }
    }
    return table;
  }

  private LockTable put(VdiLock lock) {
    PMap<VdiId, Long> index = lineages;
    for (VdiId vid : lock.lineage()) {
      index = index.plus(vid, lock.generation());
    }
    return new LockTable(
        Math.max(lastGeneration, lock.generation()), locks.plus(lock.generation(), lock), index);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LockTable that
        && lastGeneration == that.lastGeneration
        && locks.equals(that.locks);
  }

  @Override
  public int hashCode() {
    return Objects.hash(lastGeneration, locks);
  }

  @Override
  public String toString() {
    return "LockTable" + locks.values() + " generation=" + lastGeneration;
  }
}
