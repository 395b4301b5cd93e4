package io.sheepdog.daemon.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The promise of an answer: made on the core loop, answered once by a stripe, delivered on the core
 * loop.
 *
 * @param <T> kind of answer
 */
final class Ticket<T> {
  private final Executor coreLoop;
  private final Consumer<T> bookkeeping;
  private final Consumer<T> undeliverable;
  private final CompletableFuture<T> future = new CompletableFuture<>();
  private boolean answered;

  /**
   * @param bookkeeping runs on the core loop just before the stage completes
   * @param undeliverable takes an answer when the core loop accepts no more tasks
   */
  Ticket(Executor coreLoop, Consumer<T> bookkeeping, Consumer<T> undeliverable) {
    this.coreLoop = coreLoop;
    this.bookkeeping = bookkeeping;
    this.undeliverable = undeliverable;
  }

  CompletionStage<T> stage() {
    return future;
  }

  /** Answers; only the first answer counts. Stripe thread. */
  void answer(T value) {
    if (answered) {
      return;
    }
    answered = true;
    try {
      coreLoop.execute(
          () -> {
            bookkeeping.accept(value);
            future.complete(value);
          });
    } catch (RejectedExecutionException e) {
      undeliverable.accept(value);
    }
  }
}
