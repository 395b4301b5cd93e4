package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.WireText;

/**
 * Where a daemon serves NBD, the answer to NODE_NBD: {@value #SIZE} bytes.
 *
 * <pre>
 *  0 flags u8 (1: clients on TCP must use TLS, 2: and show a certificate) | 1 - | 2 TCP port u16
 *  4 TCP address text (64 bytes, numeric) | 68 path of the Unix socket text (112 bytes)
 * </pre>
 *
 * @param tls whether clients on TCP must use TLS
 * @param verify whether they must show a certificate, too
 * @param port TCP port, 1..65535; 0 when the daemon does not listen on TCP
 * @param address numeric address it listens on, at most 63 bytes; may be a wildcard; empty with
 *     port 0
 * @param socket absolute path of the Unix socket, at most 111 bytes; empty when there is none
 */
public record NbdService(boolean tls, boolean verify, int port, String address, String socket) {
  /** Bytes of the structure. */
  public static final int SIZE = 180;

  /** A daemon that serves no NBD. */
  public static final NbdService OFF = new NbdService(false, false, 0, "", "");

  private static final int ADDRESS_SIZE = 64;
  private static final int SOCKET_SIZE = 112;
  private static final int TLS = 1;
  private static final int VERIFY = 2;
  private static final String ADDRESS = "Address of the NBD server";
  private static final String SOCKET = "Socket of the NBD server";

  /** Checks the ranges. */
  public NbdService {
    Bytes.u16("port", port);
    WireText.checkPrintable(address, ADDRESS_SIZE, ADDRESS);
    WireText.check(socket, SOCKET_SIZE, SOCKET);
  }

  /** Whether clients can connect by TCP. */
  public boolean onTcp() {
    return port != 0;
  }

  /** Whether there is a Unix socket. */
  public boolean onSocket() {
    return !socket.isEmpty();
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws io.sheepdog.protocol.ProtocolException if there are fewer, or a text is damaged
   */
  public static NbdService decode(ByteBuf in) {
    WireText.require(in, SIZE, "NBD service");
    int flags = in.readUnsignedByte();
    in.skipBytes(1);
    int port = in.readUnsignedShortLE();
    return new NbdService(
        (flags & TLS) != 0,
        (flags & VERIFY) != 0,
        port,
        WireText.read(in, ADDRESS_SIZE, ADDRESS),
        WireText.read(in, SOCKET_SIZE, SOCKET));
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeByte((tls ? TLS : 0) | (verify ? VERIFY : 0));
    out.writeZero(1);
    out.writeShortLE(port);
    WireText.write(out, address, ADDRESS_SIZE, ADDRESS);
    WireText.write(out, socket, SOCKET_SIZE, SOCKET);
  }
}
