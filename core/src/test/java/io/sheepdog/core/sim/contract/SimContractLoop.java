package io.sheepdog.core.sim.contract;

import io.sheepdog.core.sim.time.EventQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A {@link ContractLoop} in simulated time: waiting lets events happen, on the calling thread. */
public final class SimContractLoop implements ContractLoop {
  private static final int MAX_EVENTS = 1_000_000;

  private final EventQueue queue;

  /**
   * @param queue what happens while something is waited for
   */
  public SimContractLoop(EventQueue queue) {
    this.queue = queue;
  }

  @Override
  public void run(Runnable action) {
    action.run();
  }

  @Override
  public <T> T ask(Supplier<T> question) {
    return question.get();
  }

  @Override
  public <T> T complete(Supplier<? extends CompletionStage<T>> operation) {
    CompletableFuture<T> future = operation.get().toCompletableFuture();
    until("completion", future::isDone);
    return future.join();
  }

  @Override
  public void until(String what, BooleanSupplier condition) {
    for (int events = 0; !condition.getAsBoolean(); events++) {
      if (events == MAX_EVENTS || !queue.runNext()) {
        throw new AssertionError("nothing more happens that could bring " + what);
      }
    }
  }
}
