package io.sheepdog.corosyncconf.text;

/** A file cannot be read at all; the message says what, why, and what to do. */
public final class UnreadableConfException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public UnreadableConfException(String message) {
    super(message);
  }
}
