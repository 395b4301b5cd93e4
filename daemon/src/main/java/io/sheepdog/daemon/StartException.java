package io.sheepdog.daemon;

/** The daemon cannot start; the message is a sentence for the operator: what, why, what to do. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean again;

  StartException(String message) {
    super(message);
    again = false;
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
    again = false;
  }

  /** A start that was interrupted by a request to stop. */
  StartException(StopRequest request) {
    super(request.reason());
    again = request.again();
  }

  /** Whether the cluster changed under the start, so that the next may succeed. */
  boolean again() {
    return again;
  }
}
