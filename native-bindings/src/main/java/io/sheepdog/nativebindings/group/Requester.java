package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of one connection, in order. Corosync answers CS_ERR_TRY_AGAIN under load and
 * while a ring forms: then it tries again, after 1 ms, 2 ms ... 64 ms. Runs on a thread of its own.
 */
final class Requester {
  private static final long FIRST_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MAX_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(64);

  private final CpgConnection connection;
  private final String group;
  private final RequestQueue queue;
  private final Consumer<@Nullable Exception> onEnd;

  /**
   * @param onEnd gets null once this process has left, else why no request can be made
   */
  Requester(
      CpgConnection connection,
      String group,
      RequestQueue queue,
      Consumer<@Nullable Exception> onEnd) {
    this.connection = connection;
    this.group = group;
    this.queue = queue;
    this.onEnd = onEnd;
  }

  /** Works until the queue ends, this process has left, or a request fails for good. */
  void work() {
    try {
      Request request = queue.take();
      while (request != null && persist(request)) {
        if (request instanceof Request.Leave leave && leave.last()) {
          onEnd.accept(null);
          return;
        }
        request = queue.take();
      }
    } catch (CorosyncException e) {
      onEnd.accept(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      onEnd.accept(e);
    }
  }

  /** False if the queue ended before it succeeded. */
  private boolean persist(Request request) throws CorosyncException, InterruptedException {
    long backOff = FIRST_BACK_OFF_NANOS;
    while (true) {
      if (attempt(request)) {
        return true;
      }
      if (!queue.pause(backOff)) {
        return false;
      }
      backOff = Math.min(2 * backOff, MAX_BACK_OFF_NANOS);
    }
  }

  private boolean attempt(Request request) throws CorosyncException {
    try {
      if (request instanceof Request.Multicast multicast) {
        if (connection.flowControlled()) {
          return false;
        }
        connection.multicast(multicast.message());
      } else if (request instanceof Request.Join) {
        connection.join(group);
      } else {
        connection.leave(group);
      }
      return true;
    } catch (CorosyncException e) {
      if (e.category() == CsError.Category.RETRY) {
        return false;
      }
      throw e;
    }
  }
}
