package io.sheepdog.client;

import java.time.Duration;

/** No reply came in time. The request may still be carried out; its reply will be dropped. */
public final class DeadlineExceededException extends ClientException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param endpoint the daemon
   * @param deadline how long the request waited
   */
  public DeadlineExceededException(Endpoint endpoint, Duration deadline) {
    super(
        Category.UNKNOWN_OUTCOME,
        "no reply from " + endpoint + " within " + deadline.toMillis() + " ms");
  }
}
