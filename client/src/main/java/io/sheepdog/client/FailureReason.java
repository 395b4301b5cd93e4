package io.sheepdog.client;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the many wordings of JDK and Netty into the operating system's own. */
final class FailureReason {
  /** What a connection attempt to a port fails with on which nobody listens. */
  static final String REFUSED = "Connection refused";

  /** The same in a locale with words of its own; 111 is Linux's ECONNREFUSED. */
  private static final String REFUSED_BY_NUMBER = "error(-111)";

  private static final List<String> KNOWN =
      List.of(
          REFUSED,
          "No route to host",
          "Network is unreachable",
          "No such file or directory",
          "Permission denied",
          "Connection reset",
          "Broken pipe");

  private FailureReason() {}

  static String of(@Nullable Throwable cause) {
    if (cause == null || cause instanceof ClosedChannelException) {
      return "closed by the other side";
    }
    if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
      return "unknown host";
    }
    String message = cause.getMessage();
    if (message == null) {
      return cause.getClass().getSimpleName();
    }
    if (message.contains(REFUSED_BY_NUMBER)) {
      return REFUSED;
    }
    for (String known : KNOWN) {
      if (message.contains(known)) {
        return known;
      }
    }
    return cause instanceof ConnectException && message.contains("timed out")
        ? "Connection timed out"
        : message;
  }
}
