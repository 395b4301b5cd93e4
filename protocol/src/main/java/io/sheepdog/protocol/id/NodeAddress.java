package io.sheepdog.protocol.id;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Address and port of a node, as its 16 + 2 bytes on the wire.
 *
 * <p>IPv4 addresses are in the last 4 of the 16 bytes with zeros before them, so they cannot be
 * told from IPv6 addresses that begin with 12 zero bytes. The only one of those in use, the
 * loopback {@code ::1}, is kept as 127.0.0.1.
 *
 * @param high address bytes 0..7, big-endian
 * @param low address bytes 8..15, big-endian
 * @param port 0..65535
 */
public record NodeAddress(long high, long low, int port) implements Comparable<NodeAddress> {
  /** No address: all bytes zero. */
  public static final NodeAddress NONE = new NodeAddress(0, 0, 0);

  private static final int MAX_PORT = 65535;
  private static final int ADDRESS_BYTES = 16;
  private static final long IPV4_LOOPBACK = 0x7f000001L;

  /** Checks the port. */
  public NodeAddress {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "Port " + port + " is out of range; 0 to 65535 are allowed");
    }
  }

  /** The wire form of a socket address. */
  public static NodeAddress of(InetAddress address, int port) {
    byte[] bytes = address.getAddress();
    if (bytes.length == ADDRESS_BYTES) {
      if (address.isLoopbackAddress()) {
        return new NodeAddress(0, IPV4_LOOPBACK, port);
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new NodeAddress(buffer.getLong(), buffer.getLong(), port);
    }
    return new NodeAddress(0, ByteBuffer.wrap(bytes).getInt() & 0xffffffffL, port);
  }

  /**
   * Reads {@code a.b.c.d:port} or {@code [ipv6]:port}; host names are refused, nothing is looked
   * up.
   *
   * @throws IllegalArgumentException with a sentence for the user if it is neither
   */
  public static NodeAddress parse(String text) {
    return NodeAddressText.parse(text);
  }

  /** Whether this is {@link #NONE}. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** Whether the address is IPv4. */
  public boolean isIpv4() {
    return high == 0 && low >>> 32 == 0;
  }

  /** Dotted IPv4, or IPv6 in the short form of RFC 5952, without port and brackets. */
  public String host() {
    return NodeAddressText.host(this);
  }

  /** The address as the JDK wants it; no name lookup happens. */
  public InetAddress toInetAddress() {
    return NodeAddressText.toInetAddress(this);
  }

  /** The 16 address bytes as on the wire, in a new array. */
  public byte[] addressBytes() {
    return ByteBuffer.allocate(ADDRESS_BYTES).putLong(high).putLong(low).array();
  }

  /** The same address with another port. */
  public NodeAddress withPort(int newPort) {
    return new NodeAddress(high, low, newPort);
  }

  /**
   * Zone of a node that was given none: the last 4 address bytes read as a little-endian u32
   * (placement, section 2). 127.0.0.1 gives 16777343.
   */
  public int defaultZone() {
    return Integer.reverseBytes((int) low);
  }

  /**
   * Node id of May 2010, which {@code collie node list} prints: FNV-1a over the port
   * (little-endian), then the address bytes from the last to the first.
   */
  public long node2010Id() {
    long hash = Fnv.step(port >>> 8, Fnv.step(port, Fnv.BASIS));
    hash = Fnv.hash(low, hash);
    return Fnv.hash(high, hash);
  }

  /** Order of node lists: address bytes as memcmp compares them, then the port. */
  @Override
  public int compareTo(NodeAddress other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    if (byHigh != 0) {
      return byHigh;
    }
    int byLow = Long.compareUnsigned(low, other.low);
    return byLow != 0 ? byLow : Integer.compare(port, other.port);
  }

  /** {@code 127.0.0.1:7000} or {@code [fe80::1]:7000}. */
  @Override
  public String toString() {
    return isIpv4() ? host() + ":" + port : "[" + host() + "]:" + port;
  }
}
