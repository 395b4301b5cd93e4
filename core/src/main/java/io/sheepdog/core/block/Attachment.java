package io.sheepdog.core.block;

import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Scheduler.Cancellable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A working VDI that a client of this node has open under its lock, over one or more connections
 * that share one session: a flush on any of them covers what was written on all.
 *
 * <p>More connections may join within {@link #JOINING} of the first, as long as no request was
 * made: that is how programs that use several of them begin, while a second program comes later.
 * After that only from the same process, where that can be seen. The lock ends with the last
 * connection, or, when that broke, after a grace period in which the client may come back (R12): it
 * begins anew then.
 */
final class Attachment implements OpenVolume.Holder {
  /**
   * How long after the first connection others may join it: programs open all of theirs at once. A
   * machine that has not read its disk yet must not share it with the next one that is started.
   */
  static final Duration JOINING = Duration.ofSeconds(2);

  private final ClientSession session;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Duration grace;
  private final Runnable onEnd;
  private BlockClient client;
  private int connections;
  private long beginning;
  private boolean used;
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
      Clock clock,
      Scheduler scheduler,
      Duration grace,
      Runnable onEnd) {
    this.client = client;
    this.session = session;
    this.clock = clock;
    this.scheduler = scheduler;
    this.grace = grace;
    this.onEnd = onEnd;
    begin();
  }

  /** The lock is there and the index read: the client begins only now. */
  void opened() {
    beginning = clock.nanoTime();
  }

  private void begin() {
    connections = 1;
    used = false;
    beginning = clock.nanoTime();
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
    boolean isBeginning = !used && clock.nanoTime() - beginning < JOINING.toNanos();
    if (client.isSameProcess(other) || (isBeginning && client.mayBe(other))) {
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
    begin();
    return true;
  }

  @Override
  public void used() {
    used = true;
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
