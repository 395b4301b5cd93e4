package io.sheepdog.daemon;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.daemon.logging.SheepLog;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Stops in reverse order what was started. A step that fails is logged and does not keep the others
 * from running.
 */
final class Shutdown {
  /** How long clients may wait for replies to what is under way. */
  private static final long REQUESTS_SECONDS = 5;

  /**
   * A disk that hangs must not keep the process from ending; the next node of the same process,
   * which would find the same disk, waits for it.
   */
  private static final long ALL_SECONDS = 30;

  private static final int FAILURE = 1;

  /** A step. */
  interface Step {
    void run() throws Exception;
  }

  private record Named(String name, Step step) {}

  private final ArrayDeque<Named> steps = new ArrayDeque<>();
  private final SheepLog log;
  private final MultiThreadIoEventLoopGroup group;
  private final CoreLoop coreLoop;
  private final BooleanSupplier mayWait;

  /**
   * @param mayWait whether the process goes on after this, so that there is time
   */
  Shutdown(
      SheepLog log, MultiThreadIoEventLoopGroup group, CoreLoop coreLoop, BooleanSupplier mayWait) {
    this.mayWait = mayWait;
    this.log = log;
    this.group = group;
    this.coreLoop = coreLoop;
  }

  void add(String name, Step step) {
    steps.push(new Named(name, step));
  }

  void run() {
    Thread watchdog = new Thread(this::endAnyway, "stop-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    for (Named named = steps.poll(); named != null; named = steps.poll()) {
      run(named);
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    DaemonEvent.SHUTDOWN.log("shutdown");
    log.close();
    watchdog.interrupt();
  }

  private static void run(Named named) {
    try {
      named.step().run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      DaemonEvent.STOP_FAILED.log("step=\"{}\" reason=\"{}\"", named.name(), e.getMessage(), e);
    }
  }

  /** Lets the requests under way end, within a bound. */
  void finishRequests(Runnable stopAccepting, Consumer<Runnable> whenIdle)
      throws InterruptedException, ExecutionException {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    coreLoop.execute(
        () -> {
          stopAccepting.run();
          whenIdle.accept(() -> idle.complete(null));
        });
    try {
      idle.get(REQUESTS_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      DaemonEvent.STOPPED_WITH_REQUESTS.log("seconds={}", REQUESTS_SECONDS);
    }
  }

  private void endAnyway() {
    try {
      TimeUnit.SECONDS.sleep(ALL_SECONDS);
      DaemonEvent.STOP_FAILED.log("step=all reason=\"not done after {} s\"", ALL_SECONDS);
      while (mayWait.getAsBoolean()) {
        TimeUnit.SECONDS.sleep(1);
      }
      log.close();
    } catch (InterruptedException everythingEnded) {
      return;
    }
    Runtime.getRuntime().halt(FAILURE);
  }
}
