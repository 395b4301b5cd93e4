package io.sheepdog.client;

/** No connection could be made; the request was never sent. */
public final class ConnectFailedException extends ClientException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param endpoint where
   * @param reason the operating system's words, such as {@code Connection refused}
   */
  public ConnectFailedException(Endpoint endpoint, String reason) {
    super(Category.RETRY, "failed to connect to " + endpoint + ": " + reason);
  }
}
