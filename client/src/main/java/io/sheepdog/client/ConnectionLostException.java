package io.sheepdog.client;

/** The connection broke while the request was under way. */
public final class ConnectionLostException extends ClientException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param endpoint the daemon
   * @param reason what broke the connection
   */
  public ConnectionLostException(Endpoint endpoint, String reason) {
    super(Category.UNKNOWN_OUTCOME, "connection to " + endpoint + " lost: " + reason);
  }
}
