package io.sheepdog.core.sim.contract;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A {@link ContractLoop} over a real single-threaded executor, such as the event loop that the
 * implementation under test posts its completions to.
 */
public final class ExecutorContractLoop implements ContractLoop {
  private final Executor executor;
  private final Duration bound;

  /**
   * @param executor runs one task at a time, in order
   * @param bound longest wait for anything
   */
  public ExecutorContractLoop(Executor executor, Duration bound) {
    this.executor = executor;
    this.bound = bound;
  }

  @Override
  public void run(Runnable action) {
    await(CompletableFuture.runAsync(action, executor));
  }

  @Override
  public <T> T ask(Supplier<T> question) {
    return await(CompletableFuture.supplyAsync(question, executor));
  }

  @Override
  public <T> T complete(Supplier<? extends CompletionStage<T>> operation) {
    return await(
        CompletableFuture.supplyAsync(operation, executor).thenCompose(Function.identity()));
  }

  @Override
  public void until(String what, BooleanSupplier condition) {
    org.awaitility.Awaitility.await(what).atMost(bound).until(() -> ask(condition::getAsBoolean));
  }

  private <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no completion within " + bound, e);
    } catch (ExecutionException e) {
      throw new AssertionError("the operation ended with an exception", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
