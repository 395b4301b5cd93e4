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
 * After that only to replace one that broke, or from the same process, where that can be seen. The
 * lock ends with the last connection, or, when that broke, after a grace period in which the client
 * may come back (R12).
 */
final class Attachment implements OpenVolume.Holder {
  /**
   * How long after the first connection others may join it: programs open all of theirs at once. A
   * machine that has not read its disk yet must not share it with the next one that is started.
   */
  static final Duration JOINING = Duration.ofSeconds(2);

  private final BlockClient client;
  private final ClientSession session;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Duration grace;
  private final Runnable onEnd;
  private int connections;
  private int broken;
  private boolean begun;
  private long beginning;
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
  }

  /** Whether that client's connection may be one of this attachment. */
  boolean welcomes(BlockClient other) {
    if (ended) {
      return false;
    }
    if (client.isSameProcess(other) || (connections == 0 && client.isAtSameAddress(other))) {
      return true;
    }
    return client.mayBe(other) && (isBeginning() || broken > 0);
  }

  private boolean isBeginning() {
    return !begun || (!used && clock.nanoTime() - beginning < JOINING.toNanos());
  }

  /** One more connection. */
  void join() {
    if (!begun) {
      begun = true;
      beginning = clock.nanoTime();
    } else if (broken > 0 && !isBeginning()) {
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
