package io.sheepdog.daemon;

import java.util.concurrent.CompletableFuture;

/**
 * Why the daemon is to end; the first reason counts.
 *
 * @param code exit code
 * @param reason a sentence for the log and, while the daemon starts, for the operator
 */
record StopRequest(int code, String reason) {
  /** Where requests arrive, from any thread. */
  static final class Box {
    private final CompletableFuture<StopRequest> first = new CompletableFuture<>();

    void stop(String reason) {
      first.complete(new StopRequest(0, reason));
    }

    void fail(String reason) {
      first.complete(new StopRequest(1, reason));
    }

    CompletableFuture<StopRequest> first() {
      return first;
    }
  }
}
