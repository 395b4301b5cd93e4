package io.sheepdog.core.recovery;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.RecoveryStatePayload.Phase;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * One epoch's recovery on this node: every object that belongs here in it is brought if it is not
 * here, or checked if it is; then all is synced, and the others are told.
 *
 * <p>Objects go in ascending order; one that a client asks for is fetched by that request at once,
 * and found here later. What could not be brought is tried again until the epoch ends: an object
 * all of whose newest replicas are absent keeps it recovering (R6).
 */
final class EpochRecovery {
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final int PARALLEL_CHECKS = 32;

  private final RecoveryTools tools;
  private final Epoch epoch;
  private final boolean announcesEarly;
  private final Runnable onRoom;
  private final Consumer<List<NodeAddress>> onAwaited;
  private final Consumer<RecoveryProgress> onAnnounced;
  private final MemberLists lists;
  private final NavigableSet<ObjectId> pending = new TreeSet<>();
  private final Set<ObjectId> known = new HashSet<>();
  private final Set<ObjectId> failed = new HashSet<>();
  private int open;
  private int checks;
  private long finished;
  private final long fetchedBefore;
  private boolean listed;
  private boolean filling;
  private boolean fits;
  private boolean retryPlanned;
  private boolean wakePlanned;
  private boolean ending;
  private boolean announced;
  private boolean waits;
  private boolean over;

  /**
   * @param announcesEarly a mistake that the simulator plants
   * @param onRoom runs whenever something that was on its way has ended
   * @param onAwaited told once if all is done but for what only these absent nodes may know of
   * @param onAnnounced runs once this node has everything and said so
   */
  EpochRecovery(
      RecoveryTools tools,
      Epoch epoch,
      boolean announcesEarly,
      Runnable onRoom,
      Consumer<List<NodeAddress>> onAwaited,
      Consumer<RecoveryProgress> onAnnounced) {
    this.tools = tools;
    this.epoch = epoch;
    this.announcesEarly = announcesEarly;
    this.onRoom = onRoom;
    this.onAwaited = onAwaited;
    this.onAnnounced = onAnnounced;
    fetchedBefore = tools.replica().bytesFetched();
    lists = new MemberLists(tools, epoch, this::found, this::allListed);
  }

  Epoch epoch() {
    return epoch;
  }

  void start() {
    lists.collect();
  }

  /** Starts nothing more; what is on its way here comes. */
  void end() {
    over = true;
    tools.room().forget();
    lists.end();
  }

  RecoveryProgress progress() {
    Phase phase =
        ending ? Phase.NOTIFYING : known.isEmpty() ? Phase.PREPARE_LIST : Phase.RECOVERING;
    long bytes = tools.replica().bytesFetched() - fetchedBefore;
    return new RecoveryProgress(
        !over && !announced, epoch, phase, finished, known.size(), tools.room().isHeld(), bytes);
  }

  private void found(List<ObjectId> objects) {
    for (ObjectId oid : objects) {
      ObjectAttributes shape = tools.shape(oid);
      if (shape != null && tools.belongsHere(oid, shape) && known.add(oid)) {
        pending.add(oid);
      }
    }
    fill();
  }

  private void allListed() {
    listed = true;
    fill();
  }

  /** Starts what there is room for. */
  void fill() {
    if (filling || over || !tools.agent().synced()) {
      return;
    }
    filling = true;
    while (!pending.isEmpty() && !isPaused() && !isPutOff() && startNext(pending.first())) {
      pending.pollFirst();
    }
    filling = false;
    if (isDone() && isAllKnown()) {
      sync();
    }
  }

  /**
   * Whether no object can be that only absent nodes know of. It stays as it is while the epoch
   * lasts: with the return of a node a new one begins.
   */
  private boolean isAllKnown() {
    List<NodeAddress> awaited =
        announcesEarly ? List.of() : AbsentNodes.awaited(tools.agent().state());
    if (!awaited.isEmpty() && !waits) {
      waits = true;
      onAwaited.accept(awaited);
    }
    return awaited.isEmpty();
  }

  private boolean isPaused() {
    return tools.agent().state().recovery().paused();
  }

  /**
   * With {@code cluster format -F}: rather nothing than a part, if the disk has no room for all
   * that is to come. What is here already does no harm.
   */
  private boolean isPutOff() {
    ClusterConfig config = tools.agent().state().config();
    if (fits || config == null || !config.avoidsFullDisks()) {
      return false;
    }
    if (listed) {
      long bytes = pending.stream().filter(this::needsRoom).mapToLong(this::sizeOf).sum();
      fits = bytes == 0 || tools.room().has(bytes);
    }
    return !fits;
  }

  /**
   * What was set aside is mostly as it was, and taking it back needs no room; without its inode a
   * VDI could not even be deleted.
   */
  private boolean needsRoom(ObjectId oid) {
    return !tools.store().holds(oid)
        && oid.kind() != ObjectKind.INODE
        && tools.store().epochsSetAside(oid).isEmpty();
  }

  private long sizeOf(ObjectId oid) {
    ObjectAttributes shape = tools.shape(oid);
    return shape == null ? 0 : shape.size();
  }

  /** Whether it was started; a check of what is here costs next to nothing and is not throttled. */
  private boolean startNext(ObjectId oid) {
    if (tools.store().holds(oid)) {
      if (checks >= PARALLEL_CHECKS) {
        return false;
      }
      checks++;
      bring(oid, () -> checks--);
      return true;
    }
    long size = sizeOf(oid);
    if (!tools.bounds().hasRoomFor(size)) {
      return false;
    }
    long pause = tools.bounds().pause();
    if (pause > 0) {
      wakeIn(pause);
      return false;
    }
    if (needsRoom(oid) && !tools.room().take(size)) {
      return false;
    }
    tools.bounds().begin(size);
    bring(oid, () -> tools.bounds().end(size));
    return true;
  }

  private void wakeIn(long nanos) {
    if (!wakePlanned) {
      wakePlanned = true;
      tools
          .scheduler()
          .schedule(
              Duration.ofNanos(nanos),
              () -> {
                wakePlanned = false;
                fill();
              });
    }
  }

  private void bring(ObjectId oid, Runnable whenOver) {
    open++;
    tools
        .replica()
        .bring(oid)
        .whenComplete(
            (code, failure) -> {
              open--;
              whenOver.run();
              if (failure == null && code == ResultCode.SUCCESS) {
                finished++;
              } else {
                failed.add(oid);
                retryLater();
              }
              onRoom.run();
            });
  }

  private void retryLater() {
    if (!retryPlanned) {
      retryPlanned = true;
      tools
          .scheduler()
          .schedule(
              RETRY,
              () -> {
                retryPlanned = false;
                pending.addAll(failed);
                failed.clear();
                fill();
              });
    }
  }

  private boolean isDone() {
    boolean hasAll = pending.isEmpty() && failed.isEmpty() && open == 0;
    return listed && !ending && !announced && (hasAll || announcesEarly);
  }

  /** What is here may hold writes that only a flush would make durable. */
  private void sync() {
    ending = true;
    Set<VdiId> vids = new TreeSet<>();
    known.forEach(oid -> vids.add(oid.vid()));
    syncNext(vids.iterator());
  }

  private void syncNext(Iterator<VdiId> vids) {
    if (over) {
      return;
    }
    if (!vids.hasNext() || announcesEarly) {
      announced = true;
      tools.agent().propose(new Recovered(epoch));
      onAnnounced.accept(progress());
      return;
    }
    tools
        .store()
        .sync(vids.next())
        .whenComplete(
            (status, failure) -> {
              if (failure == null && status == StoreStatus.OK) {
                // posted: there may be thousands
                tools.scheduler().execute(() -> syncNext(vids));
              } else {
                ending = false;
                retryLater();
              }
            });
  }
}
