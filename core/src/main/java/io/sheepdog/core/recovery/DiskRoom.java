package io.sheepdog.core.recovery;

import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.StoreSpace;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Whether recovery may put another object on this node's disk: not once {@value #MOST_PERCENT} % of
 * it are used. What is left then is for clients; who waits for room looks again once a second, and
 * goes on when {@value #MARGIN_PERCENT} % more are free.
 *
 * <p>Between two looks at the disk it counts what it has let through itself.
 */
final class DiskRoom {
  /** Of the file system, as its ordinary users see it. */
  static final int MOST_PERCENT = 90;

  static final int MARGIN_PERCENT = 2;

  /** After so many bytes, or 1 % of the disk, it looks again: clients write, too. */
  private static final long MOST_UNSEEN = 64L << 20;

  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final int PERCENT = 100;

  private final ObjectStore store;
  private final Scheduler scheduler;
  private final WorkBounds bounds;
  private final Runnable onRoom;
  private final Consumer<StoreSpace> onHeldBack;
  private final Runnable onGoesOn;
  private long credit;

  /** Bytes let through since the last look at the disk, and how many at most. */
  private long taken;

  private long mostUnseen;
  private long wanted;
  private boolean held;
  private boolean looking;

  /**
   * @param bounds know what is on its way
   * @param onRoom runs when it may be worth asking again
   * @param onHeldBack told when the disk has too little room, once, until there is room again
   * @param onGoesOn runs when there is room again
   */
  DiskRoom(
      ObjectStore store,
      Scheduler scheduler,
      WorkBounds bounds,
      Runnable onRoom,
      Consumer<StoreSpace> onHeldBack,
      Runnable onGoesOn) {
    this.store = store;
    this.scheduler = scheduler;
    this.bounds = bounds;
    this.onRoom = onRoom;
    this.onHeldBack = onHeldBack;
    this.onGoesOn = onGoesOn;
  }

  /** Bytes that recovery may still put on a disk, below 0 if there is too much on it already. */
  static long creditOf(StoreSpace space, boolean wasHeld) {
    int most = wasHeld ? MOST_PERCENT - MARGIN_PERCENT : MOST_PERCENT;
    int free = PERCENT - most;
    long size = space.fileSystem();
    long keptFree = size / PERCENT * free + (size % PERCENT * free + PERCENT - 1) / PERCENT;
    return space.free() - keptFree;
  }

  /** Whether an operator would see that nothing is brought for want of room. */
  boolean isHeld() {
    return held;
  }

  /** Whether an object of that size may come now; counts it if so. */
  boolean take(long bytes) {
    if (isUnseen(bytes)) {
      lookFor(bytes);
    }
    if (isUnseen(bytes) || !has(bytes)) {
      return false;
    }
    credit -= bytes;
    taken += bytes;
    return true;
  }

  /** Whether there is room for so many bytes; looks at the disk if it does not seem so. */
  boolean has(long bytes) {
    if (bytes > credit) {
      lookFor(bytes);
    }
    if (bytes > credit) {
      return false;
    }
    goOn();
    return true;
  }

  private boolean isUnseen(long bytes) {
    return taken > 0 && taken + bytes > mostUnseen;
  }

  /** What it finds may be known on return, or later. */
  private void lookFor(long bytes) {
    wanted = bytes;
    if (!looking) {
      looking = true;
      look();
    }
  }

  private void goOn() {
    if (held) {
      held = false;
      onGoesOn.run();
    }
  }

  /** Nothing waits for room any more. */
  void forget() {
    held = false;
    wanted = 0;
  }

  private void look() {
    store
        .space()
        .whenComplete(
            (space, failure) -> {
              if (space != null) {
                // what is on its way may be there already, in part: then it counts twice
                credit = creditOf(space, held) - bounds.bytes();
                mostUnseen = Math.min(MOST_UNSEEN, space.fileSystem() / PERCENT);
                taken = 0;
                if (wanted > credit && bounds.bytes() == 0 && !held && wanted > 0) {
                  held = true;
                  onHeldBack.accept(space);
                }
              }
              if (wanted > credit) {
                scheduler.schedule(AGAIN, this::lookAgain);
              } else {
                looking = false;
              }
              onRoom.run();
            });
  }

  private void lookAgain() {
    if (wanted == 0) {
      looking = false;
    } else {
      look();
    }
  }
}
