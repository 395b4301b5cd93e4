package io.sheepdog.corosyncconf.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses as corosync.conf writes them. Nothing here asks a resolver. */
public final class Address {
  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final Pattern BYTE = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f:.]+(%[\\w.-]+)?");
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\\.?");
  private static final int PARTS = 4;
  private static final int LARGEST = 255;

  private Address() {}

  /** The address that the text writes, null if it is none. */
  public static @Nullable InetAddress literal(String text) {
    if (isIpv4(text) || text.indexOf(':') >= 0 && HEX.matcher(text).matches()) {
      try {
        return InetAddress.getByName(text);
      } catch (UnknownHostException e) {
        return null;
      }
    }
    return null;
  }

  /** Four numbers without leading zeros, which the C library would read as octal. */
  private static boolean isIpv4(String text) {
    List<String> parts = List.of(text.split("\\.", -1));
    return parts.size() == PARTS
        && parts.stream()
            .allMatch(part -> BYTE.matcher(part).matches() && Integer.parseInt(part) <= LARGEST);
  }

  /** Whether the text may be the name of a host. */
  public static boolean isHostName(String text) {
    return HOST.matcher(text).matches() && !NUMBERS.matcher(text).matches();
  }

  /** The addresses that corosync would find for the text, empty if it would find none. */
  public static List<InetAddress> resolve(String text, LocalHost host) {
    InetAddress literal = literal(text);
    if (literal != null) {
      return List.of(literal);
    }
    return isHostName(text) ? host.resolve(text) : List.of();
  }
}
