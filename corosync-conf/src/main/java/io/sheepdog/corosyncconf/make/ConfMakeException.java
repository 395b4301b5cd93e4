package io.sheepdog.corosyncconf.make;

/** No file can be made of what was given; the message says what, why, and what to do. */
public final class ConfMakeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates the failure. */
  public ConfMakeException(String message) {
    super(message);
  }
}
