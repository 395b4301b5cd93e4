package io.sheepdog.client;

import java.io.IOException;

/**
 * A request that got no reply. Results that a daemon sent are never exceptions: see {@link
 * io.sheepdog.protocol.message.Response#result()}.
 */
public abstract sealed class ClientException extends IOException
    permits ConnectFailedException,
        ConnectionLostException,
        DeadlineExceededException,
        OverloadedException,
        ClientClosedException {
  private static final long serialVersionUID = 1L;

  /** What a caller can do about it. */
  public enum Category {
    /** The request was not carried out; it can be sent again. */
    RETRY,
    /** Whether the request was carried out is unknown; only an idempotent one can be sent again. */
    UNKNOWN_OUTCOME,
    /** Sending again is pointless. */
    FATAL
  }

  private final Category category;

  ClientException(Category category, String message) {
    super(message);
    this.category = category;
  }

  /** What a caller can do about it. */
  public final Category category() {
    return category;
  }
}
