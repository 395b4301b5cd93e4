package io.sheepdog.client;

/** More requests or bytes are under way to that daemon than allowed; the request was not sent. */
public final class OverloadedException extends ClientException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param endpoint the daemon
   * @param maxRequests bound on requests
   * @param maxBytes bound on payload bytes
   */
  public OverloadedException(Endpoint endpoint, int maxRequests, long maxBytes) {
    super(
        Category.RETRY,
        "too much is under way to "
            + endpoint
            + " (at most "
            + maxRequests
            + " requests and "
            + maxBytes
            + " bytes); wait for replies");
  }
}
