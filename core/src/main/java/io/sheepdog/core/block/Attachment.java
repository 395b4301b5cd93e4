package io.sheepdog.core.block;

import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Scheduler.Cancellable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A working VDI that a client of this node has open under its lock, over one or more connections
 * that share one session: a flush on any of them covers what was written on all.
 *
 * <p>More connections may join as long as no request was made: that is how programs that use
 * several of them begin, while a second program comes later. After that only to replace one that
 * broke, or from the same process, where that can be seen. The lock ends with the last connection,
 * or, when that broke, after a grace period in which the client may come back (R12).
 */
final class Attachment implements OpenVolume.Holder {
  private final BlockClient client;
  private final ClientSession session;
  private final Scheduler scheduler;
  private final Duration grace;
  private final Runnable onEnd;
  private int connections;
  private int broken;
  private boolean used;
  private boolean ended;
  private @Nullable Cancellable timer;

  /**
   * @param grace how long it outlives its last connection when that broke
   * @param onEnd told when nobody has it open any more
   */
  Attachment(
      BlockClient client,
      ClientSession session,
      Scheduler scheduler,
      Duration grace,
      Runnable onEnd) {
    this.client = client;
    this.session = session;
    this.scheduler = scheduler;
    this.grace = grace;
    this.onEnd = onEnd;
  }

  /** Whether that client's connection may be one of this attachment. */
  boolean welcomes(BlockClient other) {
    if (ended) {
      return false;
    }
    if (client.isSameProcess(other) || (connections == 0 && client.isAtSameAddress(other))) {
      return true;
    }
    return client.mayBe(other) && (!used || broken > 0);
  }

  /** One more connection. */
  void join() {
    if (used && broken > 0) {
      broken--;
    }
    connections++;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public void used() {
    used = true;
  }

  @Override
  public void left(boolean inOrder) {
    connections--;
    if (!inOrder) {
      broken++;
    }
    if (connections > 0 || ended) {
      return;
    }
    if (inOrder) {
      end();
    } else {
      timer = scheduler.schedule(grace, this::end);
    }
  }

  /** Ends it, whoever has it open. */
  void end() {
    if (!ended) {
      ended = true;
      session.close();
      onEnd.run();
    }
  }
}
