package io.sheepdog.daemon.options;

import io.netty.util.NetUtil;
import io.sheepdog.protocol.Limits;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Values of options; the messages are those that v1.0's scripts match (spec/cli-sheep-daemon.md
 * section 2).
 */
final class OptionValues {
  private static final int MAX_PORT = 65535;
  private static final long MAX_ZONE = 0xffffffffL;
  private static final int MAX_SCRUB_MIB = 1 << 20;

  /** Of the largest number that any option takes, 2^63 - 1. */
  private static final int MAX_DIGITS = 19;

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  private OptionValues() {}

  static int port(String text) throws OptionException {
    long port = number(text, MAX_PORT);
    if (port < 1) {
      throw new OptionException(
          "Invalid port number '" + text + "': must be an integer between 1 and " + MAX_PORT);
    }
    return (int) port;
  }

  static long zone(String text) throws OptionException {
    long zone = number(text, MAX_ZONE);
    if (zone < 0) {
      throw new OptionException(
          "Invalid zone id '" + text + "': must be an integer between 0 and " + MAX_ZONE);
    }
    return zone;
  }

  static int vnodes(String text) throws OptionException {
    long vnodes = number(text, Limits.MAX_VNODES);
    if (vnodes < 1) {
      throw new OptionException(
          "Invalid number of vnodes '"
              + text
              + "': must be an integer between 1 and "
              + Limits.MAX_VNODES);
    }
    return (int) vnodes;
  }

  static int scrubMib(String text) throws OptionException {
    long rate = number(text, MAX_SCRUB_MIB);
    if (rate < 0) {
      throw new OptionException(
          "Invalid scrub rate '"
              + text
              + "': must be an integer between 0 and "
              + MAX_SCRUB_MIB
              + " (MiB per second; 0 for never)");
    }
    return (int) rate;
  }

  static InetAddress numericAddress(String text) throws OptionException {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      throw new OptionException(
          "Bad address '" + text + "': give an IPv4 or IPv6 address of this host");
    }
    return address;
  }

  static InetAddress address(String text) throws OptionException {
    try {
      if (!text.isEmpty()) {
        return InetAddress.getByName(text);
      }
    } catch (UnknownHostException e) {
      throw new OptionException("Invalid address: '" + text + "'");
    }
    throw new OptionException("Invalid address: '" + text + "'");
  }

  /** A decimal number 0..max, or -1. */
  static long number(String text, long max) {
    if (text.length() > MAX_DIGITS || !DIGITS.matcher(text).matches()) {
      return -1;
    }
    BigInteger value = new BigInteger(text);
    return value.compareTo(BigInteger.valueOf(max)) <= 0 ? value.longValueExact() : -1;
  }
}
