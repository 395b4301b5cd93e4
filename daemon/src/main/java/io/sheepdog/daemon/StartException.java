package io.sheepdog.daemon;

import java.util.List;

/** The daemon cannot start; the message is a sentence for the operator: what, why, what to do. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> details;
  private final boolean again;
  private final boolean asked;

  StartException(String message) {
    super(message);
    details = List.of();
    again = false;
    asked = false;
  }

  StartException(String message, Throwable cause) {
    this(message, cause, List.of());
  }

  /**
   * @param newDetails lines that the operator sees below the message
   */
  StartException(String message, Throwable cause, List<String> newDetails) {
    super(message, cause);
    details = List.copyOf(newDetails);
    again = false;
    asked = false;
  }

  /** A start that was interrupted by a request to stop. */
  StartException(StopRequest request) {
    super(request.reason());
    details = List.of();
    again = request.again();
    asked = request.code() == 0;
  }

  /** Lines that the operator sees below the message. */
  List<String> details() {
    return details;
  }

  /** Whether the cluster changed under the start, so that the next may succeed. */
  boolean again() {
    return again;
  }

  /** Whether somebody asked the process to end, and nothing failed. */
  boolean wasAsked() {
    return asked;
  }
}
