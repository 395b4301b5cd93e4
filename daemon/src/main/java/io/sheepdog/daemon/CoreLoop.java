package io.sheepdog.daemon;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.sheepdog.core.spi.Scheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one event loop on which core, sockets and completions run. A task that throws leaves the
 * replicated state in doubt: it is reported, and the daemon ends.
 */
final class CoreLoop implements Scheduler, Executor {
  private final EventLoop loop;
  private final Consumer<Throwable> onFailure;

  CoreLoop(EventLoop loop, Consumer<Throwable> onFailure) {
    this.loop = loop;
    this.onFailure = onFailure;
  }

  /** Safe on any thread; after the end of the loop tasks are dropped. */
  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      if (!loop.isShuttingDown()) {
        throw e;
      }
    }
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    ScheduledFuture<?> future =
        loop.schedule(guarded(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  /** Runs a task and tells when it is done; for other threads. */
  CompletableFuture<@Nullable Void> submit(Runnable task) {
    return call(
        () -> {
          task.run();
          return null;
        });
  }

  /** Asks for a value; for other threads. */
  <T extends @Nullable Object> CompletableFuture<T> call(Supplier<T> question) {
    CompletableFuture<T> done = new CompletableFuture<>();
    execute(
        () -> {
          try {
            done.complete(question.get());
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
            throw e;
          }
        });
    return done;
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        onFailure.accept(e);
      }
    };
  }
}
