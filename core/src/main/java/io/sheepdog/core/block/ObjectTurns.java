package io.sheepdog.core.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Who may change an object of a volume now. Writes into an object that exists run side by side; who
 * makes it, or takes it away, is alone with it. In the order in which they came.
 */
final class ObjectTurns {
  private final Map<Integer, Line> lines = new HashMap<>();

  /** Those who use or wait for one object. */
  private static final class Line {
    private final ArrayDeque<Turn> waiting = new ArrayDeque<>();
    private int running;
    private boolean alone;
  }

  /** Somebody who wants to change some objects at once. */
  private static final class Turn {
    private final BooleanSupplier alone;
    private final Consumer<Boolean> start;
    private int missing;
    private boolean isAlone;

    private Turn(BooleanSupplier alone, Consumer<Boolean> start, int missing) {
      this.alone = alone;
      this.start = start;
      this.missing = missing;
    }

    private void begin() {
      start.accept(isAlone);
    }
  }

  /**
   * Changes one object.
   *
   * @param alone asked when the turn has come: whether nobody else may change it meanwhile
   * @param change is told the answer, which may not be true any more
   */
  <T> CompletionStage<T> one(
      int index, BooleanSupplier alone, Function<Boolean, CompletionStage<T>> change) {
    return take(index, index + 1, alone, change);
  }

  /** Changes objects {@code first} to {@code end - 1}, all at once and alone. */
  <T> CompletionStage<T> all(int first, int end, Supplier<CompletionStage<T>> change) {
    return take(first, end, () -> true, alone -> change.get());
  }

  private <T> CompletionStage<T> take(
      int first, int end, BooleanSupplier alone, Function<Boolean, CompletionStage<T>> change) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Turn turn =
        new Turn(
            alone, isAlone -> run(first, end, () -> change.apply(isAlone), result), end - first);
    for (int index = first; index < end; index++) {
      lines.computeIfAbsent(index, i -> new Line()).waiting.add(turn);
    }
    List<Turn> ready = new ArrayList<>();
    for (int index = first; index < end; index++) {
      admit(index, ready);
    }
    ready.forEach(Turn::begin);
    return result;
  }

  private <T> void run(
      int first, int end, Supplier<CompletionStage<T>> change, CompletableFuture<T> result) {
    CompletionStage<T> running;
    try {
      running = change.get();
    } catch (RuntimeException e) {
      running = CompletableFuture.failedFuture(e);
    }
    running.whenComplete(
        (value, failure) -> {
          leave(first, end);
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(value);
          }
        });
  }

  private void leave(int first, int end) {
    List<Turn> ready = new ArrayList<>();
    for (int index = first; index < end; index++) {
      Line line = lines.get(index);
      if (line != null) {
        line.running--;
        line.alone = false;
        admit(index, ready);
      }
    }
    ready.forEach(Turn::begin);
  }

  /** Lets in who is first in line and fits; adds those who now have all they want. */
  private void admit(int index, List<Turn> ready) {
    Line line = lines.get(index);
    if (line == null) {
      return;
    }
    for (Turn turn = line.waiting.peek(); turn != null; turn = line.waiting.peek()) {
      boolean alone = turn.alone.getAsBoolean();
      if (line.alone || (alone && line.running > 0)) {
        return;
      }
      line.waiting.remove();
      line.running++;
      line.alone = alone;
      turn.isAlone = alone;
      if (--turn.missing == 0) {
        ready.add(turn);
      }
    }
    if (line.running == 0) {
      lines.remove(index);
    }
  }
}
