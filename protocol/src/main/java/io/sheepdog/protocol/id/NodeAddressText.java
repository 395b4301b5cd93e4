package io.sheepdog.protocol.id;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text form of node addresses. */
final class NodeAddressText {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]{2,45})]|([0-9.]{7,15})):([0-9]{1,5})");
  private static final Pattern IPV4 =
      Pattern.compile("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  private static final int IPV6_GROUPS = 8;

  private NodeAddressText() {}

  static NodeAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw notAnAddress(text);
    }
    String ipv6 = matcher.group(1);
    String host = ipv6 == null ? matcher.group(2) : ipv6;
    boolean wellFormed = ipv6 == null ? IPV4.matcher(host).matches() : host.indexOf(':') >= 0;
    if (!wellFormed) {
      throw notAnAddress(text);
    }
    try {
      // Only digits, dots and colons get here, so this never asks a name server.
      return NodeAddress.of(InetAddress.getByName(host), Integer.parseInt(matcher.group(3)));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(notAnAddress(text).getMessage(), e);
    }
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not a node address; write 192.0.2.1:7000 or [2001:db8::1]:7000");
  }

  static InetAddress toInetAddress(NodeAddress address) {
    byte[] bytes = address.addressBytes();
    if (address.isIpv4()) {
      bytes = new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]};
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are always an address", e);
    }
  }

  static String host(NodeAddress address) {
    if (address.isIpv4()) {
      int ip = (int) address.low();
      return (ip >>> 24) + "." + (ip >>> 16 & 0xff) + "." + (ip >>> 8 & 0xff) + "." + (ip & 0xff);
    }
    int[] groups = new int[IPV6_GROUPS];
    for (int i = 0; i < IPV6_GROUPS; i++) {
      long half = i < IPV6_GROUPS / 2 ? address.high() : address.low();
      groups[i] = (int) (half >>> (48 - 16 * (i % 4))) & 0xffff;
    }
    return shortForm(groups);
  }

  /** RFC 5952: the first longest run of at least two zero groups becomes {@code ::}. */
  private static String shortForm(int[] groups) {
    int bestStart = -1;
    int bestLength = 1;
    for (int start = 0; start < groups.length; start++) {
      int end = start;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - start > bestLength) {
        bestStart = start;
        bestLength = end - start;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
        continue;
      }
      if (i > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
