package io.sheepdog.core.replica;

import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** PEER_DRAIN: another node wants the writes of this one's gateway to have ended (R11, R12). */
record Drains(ClusterView cluster, WritesInFlight inFlight) {
  /**
   * Waits for writes to end here: of a frozen VDI all, of one whose lock passes on those of before.
   *
   * @param generation of the lock that is granted; 0 for a VDI that is frozen
   * @return SUCCESS; AGAIN if this node has not heard of the freeze or the grant yet
   */
  CompletionStage<ResultCode> of(VdiId vid, long generation) {
    return generation == 0 ? ofFrozen(vid) : ofEarlier(vid, generation);
  }

  private CompletionStage<ResultCode> ofEarlier(VdiId vid, long generation) {
    LockTable locks = cluster.state().locks();
    if (locks.lastGeneration() < generation) {
      // the grant has not arrived here yet: writes under earlier locks may still begin
      return CompletableFuture.completedFuture(ResultCode.AGAIN);
    }
    VdiLock lock = locks.of(vid);
    Set<VdiId> lineage = lock == null ? Set.of(vid) : new TreeSet<>(lock.lineage());
    CompletionStage<Void> drained = CompletableFuture.completedFuture(null);
    for (VdiId each : lineage) {
      drained = drained.thenCompose(ignored -> inFlight.drainedBefore(each, generation));
    }
    return drained.thenApply(ignored -> ResultCode.SUCCESS);
  }

  private CompletionStage<ResultCode> ofFrozen(VdiId vid) {
    VdiDirectory directory = cluster.state().directory();
    VdiEntry entry = directory.entry(vid);
    if (entry != null && entry.state() == VdiEntry.State.HEAD && !directory.isFrozen(vid)) {
      // the freeze has not arrived here yet: new writes may still start
      return CompletableFuture.completedFuture(ResultCode.AGAIN);
    }
    return inFlight.drained(vid).thenApply(ignored -> ResultCode.SUCCESS);
  }
}
