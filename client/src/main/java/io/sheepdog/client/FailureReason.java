package io.sheepdog.client;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the many wordings of JDK and Netty into the operating system's own. */
final class FailureReason {
  private static final List<String> KNOWN =
      List.of(
          "Connection refused",
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
