package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets two stripes take turns at the disk: the first works until a certain call, then the second as
 * far as it gets, then the first, and the second only while the first is done or waits for it.
 */
final class StripeTurns implements PowerDisk.Gate {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long PAUSE_NANOS = 20_000;

  private final int at;
  private Supplier<CompletionStage<StoreStatus>> submitSecond =
      () -> {
        throw new AssertionError("not started");
      };
  private volatile @Nullable Thread firstThread;
  private volatile @Nullable CompletableFuture<StoreStatus> first;
  private volatile @Nullable CompletableFuture<StoreStatus> second;
  private volatile boolean resumed;
  private volatile boolean over;
  private int calls;

  /** The second begins before the first's call of this number, from 1 on. */
  StripeTurns(int at) {
    this.at = at;
  }

  /** Plays both; each supplier submits one action, the two of different stripes. */
  void start(
      Supplier<CompletionStage<StoreStatus>> submitFirst,
      Supplier<CompletionStage<StoreStatus>> submitsSecond) {
    submitSecond = submitsSecond;
    CompletableFuture<StoreStatus> started = new CompletableFuture<>();
    first = started;
    submitFirst.get().thenAccept(started::complete);
    started.orTimeout(20, TimeUnit.SECONDS).join();
    // a stripe may have something left to do after its answer
    until(() -> firstThread == null || waitsIn(firstThread, Stripe.class));
    until(this::secondIsDone);
    over = true;
  }

  boolean interleaved() {
    return resumed;
  }

  private boolean secondIsDone() {
    CompletableFuture<StoreStatus> submitted = second;
    return submitted == null || submitted.isDone();
  }

  @Override
  public void before(String call, Path file) {
    Thread thread = Thread.currentThread();
    CompletableFuture<StoreStatus> started = first;
    if (started == null || over) {
      return;
    }
    if (firstThread == null) {
      firstThread = thread;
    }
    if (thread == firstThread) {
      calls++;
      if (calls == at) {
        letSecondWork();
      }
      return;
    }
    if (resumed) {
      until(() -> started.isDone() || waits(firstThread));
    }
  }

  private void letSecondWork() {
    second = submitSecond.get().toCompletableFuture();
    Thread other = otherStripe();
    until(() -> secondIsDone() || waits(other));
    resumed = true;
  }

  /** The other one of two; it may wait for the first before it has made a call. */
  private static Thread otherStripe() {
    String mine = Thread.currentThread().getName();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("store-[01]"))
        .filter(thread -> !thread.getName().equals(mine))
        .reduce(
            (a, b) -> {
              throw new AssertionError("more than one store is open");
            })
        .orElseThrow();
  }

  /** Whether a stripe waits for what another one does. */
  private static boolean waits(@Nullable Thread thread) {
    return waitsIn(thread, GroupCommit.class) || waitsIn(thread, DirtyLog.class);
  }

  /** Whether a thread waits for a monitor or a notice in a method of {@code place}. */
  private static boolean waitsIn(@Nullable Thread thread, Class<?> place) {
    if (thread == null) {
      return false;
    }
    Thread.State state = thread.getState();
    boolean stopped = state == Thread.State.BLOCKED || state == Thread.State.WAITING;
    return stopped
        && Arrays.stream(thread.getStackTrace())
            .map(StackTraceElement::getClassName)
            .filter(name -> !name.equals(Object.class.getName()))
            .findFirst()
            .equals(Optional.of(place.getName()));
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the stripes do not come to an end");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
