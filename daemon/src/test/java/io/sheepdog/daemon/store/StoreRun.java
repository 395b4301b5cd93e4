package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Plays actions on a store and writes down what happened to its disk. One thread of the store is at
 * work at a time, so the same actions give the same events.
 */
final class StoreRun {
  private static final int LIMIT_SECONDS = 20;

  /** A read of this object, which is not there, holds the stripe up while a batch gathers. */
  private static final ObjectId HOLD = ObjectId.data(StoreAction.VID, 99);

  private static final StoreOptions ONE_STRIPE = new StoreOptions(false, 1, 1, 1024, 1 << 20);
  private static final StoreOptions TWO_STRIPES = new StoreOptions(false, 2, 2, 1024, 1 << 20);

  /** Runs completions at once, on the stripes' threads, one at a time. */
  static final class DirectLoop implements Executor {
    @Override
    public synchronized void execute(Runnable task) {
      task.run();
    }
  }

  private final DirectLoop loop = new DirectLoop();
  private final PowerDisk disk;
  private final FileStore store;
  private volatile CountDownLatch held = new CountDownLatch(0);
  private volatile CountDownLatch release = new CountDownLatch(0);
  private int submitted;

  private StoreRun(
      Path base,
      DiskImage image,
      StoreOptions options,
      PowerDisk.@Nullable Gate gate,
      boolean shares)
      throws IOException, StoreOpenException {
    image.writeTo(base);
    disk = new PowerDisk(base, image, gate == null ? this::holdUp : gate, shares);
    store = FileStore.open(base.resolve("store"), options, loop, disk);
    disk.note(new DiskEvent.Opened(store.meta().storeId()));
  }

  /**
   * What happens when the actions are carried out.
   *
   * @param groups what is in one of them is waiting when the stripe takes its next batch
   * @param shares whether files can share blocks
   */
  static List<DiskEvent> play(
      Path base, DiskImage image, List<List<StoreAction>> groups, boolean shares)
      throws IOException, StoreOpenException {
    StoreRun run = new StoreRun(base, image, ONE_STRIPE, null, shares);
    try {
      for (List<StoreAction> group : groups) {
        run.play(group);
      }
      return run.disk.events();
    } finally {
      run.store.close();
    }
  }

  /**
   * What happens when two stripes are at work.
   *
   * @param at the call of the first action's stripe before which the second one's stripe works as
   *     far as it gets; from then on the first goes before the second
   * @return empty if the first action's stripe makes fewer calls
   */
  static List<DiskEvent> interleave(
      Path base, DiskImage image, StoreAction first, StoreAction second, int at)
      throws IOException, StoreOpenException {
    StripeTurns turns = new StripeTurns(at);
    StoreRun run = new StoreRun(base, image, TWO_STRIPES, turns, false);
    try {
      turns.start(() -> run.submit(first), () -> run.submit(second));
      return turns.interleaved() ? run.disk.events() : List.of();
    } finally {
      run.store.close();
    }
  }

  private void play(List<StoreAction> group) {
    List<CompletableFuture<?>> pending = new ArrayList<>();
    if (group.size() > 1) {
      held = new CountDownLatch(1);
      release = new CountDownLatch(1);
      synchronized (loop) {
        pending.add(store.objects().read(HOLD, 0, 1).toCompletableFuture());
      }
      await(held);
    }
    for (StoreAction action : group) {
      pending.add(submit(action).toCompletableFuture());
    }
    release.countDown();
    CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new))
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private CompletionStage<StoreStatus> submit(StoreAction action) {
    int number = submitted++;
    if (action.kind() == StoreAction.Kind.CLOSE) {
      // not on the loop, which the last answers need
      disk.note(new DiskEvent.Submitted(number));
      return action.submit(store, number).whenComplete((status, e) -> answered(number, status));
    }
    synchronized (loop) {
      disk.note(new DiskEvent.Submitted(number));
      return action.submit(store, number).whenComplete((status, e) -> answered(number, status));
    }
  }

  private void answered(int number, StoreStatus status) {
    disk.note(new DiskEvent.Answered(number, status));
  }

  private void holdUp(String call, Path file) {
    if (call.equals("open") && file.endsWith(HOLD.toString())) {
      held.countDown();
      await(release);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the store hangs");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
