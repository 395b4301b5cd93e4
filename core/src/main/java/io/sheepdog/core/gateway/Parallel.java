package io.sheepdog.core.gateway;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Runs something for each element of a list, a bounded number at a time. */
final class Parallel<T> {
  private final List<T> elements;
  private final Function<T, CompletionStage<Void>> work;
  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private int next;
  private int open;

  private Parallel(List<T> elements, Function<T, CompletionStage<Void>> work) {
    this.elements = elements;
    this.work = work;
  }

  /**
   * Completes when all have ended; with the first failure if one failed, after which none is begun
   * any more.
   */
  static <T> CompletionStage<Void> forEach(
      List<T> elements, int atATime, Function<T, CompletionStage<Void>> work) {
    Parallel<T> loop = new Parallel<>(elements, work);
    loop.open = 1;
    for (int i = 0; i < atATime && loop.next < elements.size(); i++) {
      loop.begin();
    }
    loop.ended();
    return loop.result;
  }

  private void begin() {
    T element = elements.get(next++);
    open++;
    work.apply(element)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                next = elements.size();
                result.completeExceptionally(failure);
              }
              if (next < elements.size()) {
                begin();
              }
              ended();
            });
  }

  private void ended() {
    if (--open == 0) {
      result.complete(null);
    }
  }
}
