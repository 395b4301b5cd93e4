package io.sheepdog.client;

/** The client was closed. */
public final class ClientClosedException extends ClientException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public ClientClosedException(Endpoint endpoint) {
    super(Category.FATAL, "client of " + endpoint + " is closed");
  }
}
