package io.sheepdog.daemon;

/** The daemon cannot start; the message is a sentence for the operator: what, why, what to do. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
