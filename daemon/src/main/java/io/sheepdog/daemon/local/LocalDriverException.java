package io.sheepdog.daemon.local;

/**
 * The local cluster cannot go on; the message is a sentence for the operator: what, why, what to
 * do.
 */
final class LocalDriverException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String sentence;

  LocalDriverException(String message) {
    super(message);
    sentence = message;
  }

  /** The message. */
  String sentence() {
    return sentence;
  }
}
