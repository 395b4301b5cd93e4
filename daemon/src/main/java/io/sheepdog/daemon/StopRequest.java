package io.sheepdog.daemon;

import java.util.concurrent.CompletableFuture;

/**
 * Why the daemon is to end; the first reason counts.
 *
 * @param code exit code
 * @param again whether the process is to go on with a new incarnation of the node
 * @param reason a sentence for the log and, while the daemon starts, for the operator
 */
record StopRequest(int code, boolean again, String reason) {
  /** Where requests arrive, from any thread. */
  static final class Box {
    private final CompletableFuture<StopRequest> first = new CompletableFuture<>();

    void stop(String reason) {
      first.complete(new StopRequest(0, false, reason));
    }

    void fail(String reason) {
      first.complete(new StopRequest(1, false, reason));
    }

    /** The node gave up its membership and can get a new one. */
    void again(String reason) {
      first.complete(new StopRequest(1, true, reason));
    }

    CompletableFuture<StopRequest> first() {
      return first;
    }

    /** Whether the node is to end only to start again. */
    boolean isAgain() {
      StopRequest request = first.getNow(null);
      return request != null && request.again();
    }
  }
}
