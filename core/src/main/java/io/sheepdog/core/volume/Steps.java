package io.sheepdog.core.volume;

import io.sheepdog.protocol.ResultCode;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Asynchronous steps that end with a result code: one after another, or a bounded number side by
 * side.
 */
final class Steps {
  private Steps() {}

  static CompletionStage<ResultCode> success() {
    return CompletableFuture.completedFuture(ResultCode.SUCCESS);
  }

  static CompletionStage<ResultCode> ended(ResultCode code) {
    return CompletableFuture.completedFuture(code);
  }

  /** The next step if the first ended with SUCCESS, else the first one's result. */
  static CompletionStage<ResultCode> then(
      CompletionStage<ResultCode> first, Supplier<CompletionStage<ResultCode>> next) {
    return first.thenCompose(code -> code == ResultCode.SUCCESS ? next.get() : ended(code));
  }

  /**
   * Runs {@code step} for every item, at most {@code width} at a time; starts no more once one did
   * not end with SUCCESS. The result is the first such code, when all that were started have ended.
   */
  static <T> CompletionStage<ResultCode> forEach(
      Iterable<T> items, int width, Function<T, CompletionStage<ResultCode>> step) {
    Run<T> run = new Run<>(items.iterator(), width, step);
    run.pump();
    return run.result;
  }

  private static final class Run<T> {
    private final Iterator<T> items;
    private final int width;
    private final Function<T, CompletionStage<ResultCode>> step;
    private final CompletableFuture<ResultCode> result = new CompletableFuture<>();
    private ResultCode worst = ResultCode.SUCCESS;
    private int active;
    private boolean pumping;

    Run(Iterator<T> items, int width, Function<T, CompletionStage<ResultCode>> step) {
      this.items = items;
      this.width = width;
      this.step = step;
    }

    void pump() {
      if (pumping) {
        return;
      }
      pumping = true;
      while (active < width && worst == ResultCode.SUCCESS && items.hasNext()) {
        active++;
        step.apply(items.next())
            .whenComplete(
                (code, failure) -> ended(failure == null ? code : ResultCode.SYSTEM_ERROR));
      }
      pumping = false;
      if (active == 0) {
        result.complete(worst);
      }
    }

    private void ended(ResultCode code) {
      active--;
      if (worst == ResultCode.SUCCESS) {
        worst = code;
      }
      pump();
    }
  }
}
