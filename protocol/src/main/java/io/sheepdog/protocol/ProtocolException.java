package io.sheepdog.protocol;

/**
 * Bytes from outside do not form what the protocol allows at this place. The message is a sentence
 * that says what was found and what is allowed; a server answers {@link ResultCode#INVALID_PARMS}
 * or closes the connection.
 */
public class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for the log and the user. */
  public ProtocolException(String message) {
    super(message);
  }
}
