package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A daemon under the test's control: hands accepted connections to the test, which reads requests
 * and writes replies.
 */
final class FakeSheep implements AutoCloseable {
  private final ServerSocketChannel server;
  private final BlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();

  private FakeSheep(ServerSocketChannel server) {
    this.server = server;
    Thread thread = new Thread(this::acceptAll, "fake-sheep");
    thread.setDaemon(true);
    thread.start();
  }

  /** Listens on that loopback port, 0 for a free one. */
  static FakeSheep onPort(int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new FakeSheep(server);
  }

  static FakeSheep onUnixSocket(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    return new FakeSheep(server);
  }

  Endpoint endpoint() throws IOException {
    SocketAddress address = server.getLocalAddress();
    return address instanceof InetSocketAddress inet
        ? Endpoint.tcp("127.0.0.1", inet.getPort())
        : Endpoint.unix(((UnixDomainSocketAddress) address).getPath());
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /** The next connection that a client made. */
  Peer accept() throws InterruptedException {
    Peer peer = accepted.poll(10, TimeUnit.SECONDS);
    if (peer == null) {
      throw new AssertionError("no client connected within 10 s");
    }
    return peer;
  }

  boolean nobodyWaits() {
    return accepted.isEmpty();
  }

  private void acceptAll() {
    try {
      while (true) {
        accepted.add(new Peer(server.accept()));
      }
    } catch (IOException e) {
      accepted.clear();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** One connection, seen from the daemon. */
  static final class Peer implements AutoCloseable {
    private final SocketChannel channel;

    Peer(SocketChannel channel) {
      this.channel = channel;
    }

    Request readRequest() throws IOException {
      return RequestCodec.decode(read(Limits.HEADER_SIZE));
    }

    byte[] readPayload(Request request) throws IOException {
      return read(request.dataLength()).array();
    }

    private ByteBuf read(int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException("client closed the connection");
        }
      }
      return Unpooled.wrappedBuffer(buffer.array());
    }

    void reply(Request request) throws IOException {
      reply(request, new byte[0]);
    }

    void reply(Request request, byte[] payload) throws IOException {
      Response response =
          Response.to(request, new Epoch(1), ResultCode.SUCCESS).withDataLength(payload.length);
      ByteBuf header = Unpooled.buffer(Limits.HEADER_SIZE);
      ResponseCodec.encode(response, header);
      write(header.array());
      write(payload);
    }

    void write(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    /** Whether the client has closed the connection (waits for it or for a byte). */
    boolean seesEnd() throws IOException {
      try {
        return channel.read(ByteBuffer.allocate(1)) < 0;
      } catch (java.net.SocketException reset) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
