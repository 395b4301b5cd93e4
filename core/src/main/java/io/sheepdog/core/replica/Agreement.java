package io.sheepdog.core.replica;

import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.protocol.id.ObjectId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes dirty marks away (R10), one object after the other: when nobody has written to an object
 * for a while, its homes sum it up, which makes it durable there, and if all have the same they
 * mark it clean. If they differ they are made the same ({@link CopyComparison}).
 *
 * <p>Nobody is held up meanwhile. A write that reaches a home after it has summed up makes the
 * object another version there, so that home keeps its mark, or sets it again; one that reached
 * some homes before they did shows as a difference. So as long as replicas differ one of them at
 * least has its mark.
 */
final class Agreement {
  private static final int REMEMBERED = 4096;

  private final CopyComparison.Tools tools;
  private final Clock clock;
  private final Scheduler scheduler;
  private final RecoveryPolicy policy;

  /** When objects were written to last, least recently first. */
  private final LinkedHashMap<ObjectId, Long> written =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  private Iterator<ObjectId> round = List.<ObjectId>of().iterator();
  private boolean wasMember;

  Agreement(CopyComparison.Tools tools, Clock clock, Scheduler scheduler) {
    this.tools = tools;
    this.clock = clock;
    this.scheduler = scheduler;
    this.policy = tools.policy();
  }

  /** Goes on until the membership of this node ends. */
  void begin() {
    boolean isMember = tools.cluster().incarnation() != 0;
    if (wasMember && !isMember) {
      return;
    }
    wasMember = isMember;
    scheduler.schedule(policy.cleaningInterval(), this::step);
  }

  /** An object is written to here. */
  void noteWrite(ObjectId oid) {
    written.remove(oid);
    written.put(oid, clock.nanoTime());
  }

  private void step() {
    ObjectId oid = next();
    if (oid == null) {
      begin();
    } else {
      compare(oid).whenComplete((done, failure) -> begin());
    }
  }

  /** An object of this node's that could be marked clean; null if there is none for now. */
  private @Nullable ObjectId next() {
    ClusterView cluster = tools.cluster();
    boolean isQuiet =
        wasMember
            && !cluster.servingEpoch().isZero()
            && cluster.state().recovery().complete().equals(cluster.servingEpoch());
    if (!isQuiet) {
      return null;
    }
    if (!round.hasNext()) {
      round = tools.store().dirtyObjects().iterator();
    }
    while (round.hasNext()) {
      ObjectId oid = round.next();
      if (isIdle(oid) && tools.store().holds(oid) && !tools.isHeldUp().test(oid)) {
        return oid;
      }
    }
    return null;
  }

  private CompletionStage<?> compare(ObjectId oid) {
    CopyComparison comparison = new CopyComparison(tools, oid, CopyComparison.Mode.CLEAN);
    return comparison.homes().stream().anyMatch(tools.cluster()::isSelf)
        ? comparison.run()
        : CompletableFuture.completedFuture(null);
  }

  private boolean isIdle(ObjectId oid) {
    Long last = written.get(oid);
    return last == null || clock.nanoTime() - last > policy.idleBeforeCleaning().toNanos();
  }
}
