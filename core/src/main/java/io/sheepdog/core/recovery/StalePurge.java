package io.sheepdog.core.recovery;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.CompletionStage;

/**
 * Removes the copies that were good only before a complete epoch: all homes of their objects hold
 * newer ones, present and synced (R6). First, copies that belong elsewhere are set aside as far as
 * they were not, because they were still being created when the epoch began. After a while all is
 * looked at once more, for what an earlier epoch's search brought here late.
 *
 * <p>An object of which nobody can say how large it is and where it belongs is left alone.
 */
final class StalePurge {
  private static final int PARALLEL = 16;

  /** Objects that are looked at before others may use the core loop. */
  private static final int CHUNK = 4096;

  private static final Duration RETRY = Duration.ofSeconds(10);

  private final RecoveryTools tools;
  private final Epoch complete;
  private Iterator<ObjectId> objects = Collections.emptyIterator();
  private int running;
  private boolean working;
  private boolean purging;
  private boolean failed;
  private boolean lookedAgain;
  private boolean over;

  StalePurge(RecoveryTools tools, Epoch complete) {
    this.tools = tools;
    this.complete = complete;
  }

  void start() {
    over = false;
    purging = false;
    failed = false;
    objects = tools.store().objects().iterator();
    work();
  }

  /** Starts nothing more: another one takes over. */
  void end() {
    over = true;
  }

  private void work() {
    if (working || over || !tools.agent().synced()) {
      return;
    }
    working = true;
    int looked = 0;
    while (running < PARALLEL && looked < CHUNK && objects.hasNext()) {
      looked++;
      look(objects.next());
    }
    working = false;
    if (looked == CHUNK) {
      tools.scheduler().execute(this::work);
    } else if (running == 0 && !objects.hasNext()) {
      passIsDone();
    }
  }

  private void look(ObjectId oid) {
    ObjectAttributes shape = tools.shape(oid);
    if (shape == null) {
      return;
    }
    if (!purging) {
      if (!tools.belongsHere(oid, shape)) {
        run(tools.replica().settle(oid));
      }
      return;
    }
    for (Epoch lastValid : tools.store().epochsSetAside(oid)) {
      if (complete.isNewerThan(lastValid) || isTwice(oid, lastValid)) {
        run(tools.store().purge(oid, lastValid));
      }
    }
  }

  /**
   * Whether the object is here, too: all nodes ended while an epoch began that never came to be.
   */
  private boolean isTwice(ObjectId oid, Epoch lastValid) {
    return complete.equals(lastValid) && tools.store().holds(oid);
  }

  private void run(CompletionStage<StoreStatus> step) {
    running++;
    step.whenComplete(
        (status, failure) -> {
          running--;
          failed |= failure != null || isFailure(status);
          work();
        });
  }

  private static boolean isFailure(StoreStatus status) {
    return status != StoreStatus.OK && status != StoreStatus.NO_OBJECT;
  }

  private void passIsDone() {
    if (!purging) {
      purging = true;
      objects = tools.store().objectsSetAside().iterator();
      work();
      return;
    }
    over = true;
    if (failed || !lookedAgain) {
      lookedAgain = true;
      tools.scheduler().schedule(RETRY, this::again);
    }
  }

  private void again() {
    if (tools.agent().servingEpoch().equals(complete)) {
      start();
    }
  }
}
