package io.sheepdog.core.block;

import io.sheepdog.protocol.ResultCode;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does something with each of several elements, a bounded number at a time. After one has failed
 * none is begun any more; the result is the first failure, when all that were begun have ended.
 */
final class Several<T> {
  private final Iterator<T> elements;
  private final int atATime;
  private final Function<T, CompletionStage<ResultCode>> work;
  private final CompletableFuture<ResultCode> result = new CompletableFuture<>();
  private ResultCode code = ResultCode.SUCCESS;
  private @Nullable Throwable failure;
  private int open;
  private boolean beginning;

  private Several(
      Iterator<T> elements, int atATime, Function<T, CompletionStage<ResultCode>> work) {
    this.elements = elements;
    this.atATime = atATime;
    this.work = work;
  }

  static <T> CompletionStage<ResultCode> each(
      Iterable<T> elements, int atATime, Function<T, CompletionStage<ResultCode>> work) {
    Several<T> several = new Several<>(elements.iterator(), atATime, work);
    several.begin();
    return several.result;
  }

  private boolean isOver() {
    return code != ResultCode.SUCCESS || !elements.hasNext();
  }

  private void begin() {
    if (beginning) {
      return;
    }
    beginning = true;
    while (open < atATime && !isOver()) {
      open++;
      work.apply(elements.next()).whenComplete(this::ended);
    }
    beginning = false;
    if (open > 0) {
      return;
    }
    if (failure == null) {
      result.complete(code);
    } else {
      result.completeExceptionally(failure);
    }
  }

  private void ended(ResultCode ended, @Nullable Throwable thrown) {
    open--;
    if (code == ResultCode.SUCCESS) {
      failure = thrown;
      code = thrown == null ? ended : ResultCode.SYSTEM_ERROR;
    }
    begin();
  }
}
