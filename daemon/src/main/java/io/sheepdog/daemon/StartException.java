package io.sheepdog.daemon;

/** The daemon cannot start; the message is a sentence for the operator: what, why, what to do. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean again;
  private final boolean asked;

  StartException(String message) {
    super(message);
    again = false;
    asked = false;
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
    again = false;
    asked = false;
  }

  /** A start that was interrupted by a request to stop. */
  StartException(StopRequest request) {
    super(request.reason());
    again = request.again();
    asked = request.code() == 0;
  }

  /** Whether the cluster changed under the start, so that the next may succeed. */
  boolean again() {
    return again;
  }

  /** Whether somebody asked the process to end, and nothing failed. */
  boolean wasAsked() {
    return asked;
  }
}
