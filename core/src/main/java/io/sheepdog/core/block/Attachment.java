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
 * <p>More connections may join from the same process only, where that can be seen: two programs
 * that write one disk destroy it. The lock ends with the last connection, or, when that broke,
 * after a grace period in which a client of the same host may come back (R12).
 */
final class Attachment implements OpenVolume.Holder {
  private final ClientSession session;
  private final Scheduler scheduler;
  private final Duration grace;
  private final Runnable onEnd;
  private BlockClient client;
  private int connections = 1;
  private boolean ended;
  private @Nullable Cancellable timer;

  /**
   * One that the client has open over one connection.
   *
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

  /**
   * One more connection, if it may be one of this attachment.
   *
   * @return whether it is
   */
  boolean join(BlockClient other) {
    if (ended) {
      return false;
    }
    if (connections == 0) {
      return comeBack(other);
    }
    if (client.isSameProcess(other)) {
      connections++;
      return true;
    }
    return false;
  }

  /** Nobody has it open; a client that was started again is another process of the same host. */
  private boolean comeBack(BlockClient other) {
    if (!client.isAtSameAddress(other)) {
      return false;
    }
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    client = other;
    connections = 1;
    return true;
  }

  @Override
  public void left(boolean inOrder) {
    connections--;
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
