package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Socket of a {@link ToolConnection}: writes and reads what it can, and waits until it can again.
 */
final class ToolSocket {
  /**
   * Most bytes of one read or write; the JDK keeps a direct buffer of the largest size ever used.
   */
  private static final int IO_SLICE = 256 << 10;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final ArrayDeque<ByteBuf> outgoing = new ArrayDeque<>();

  ToolSocket(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.selector = Selector.open();
    this.key = channel.register(selector, SelectionKey.OP_READ);
  }

  static SocketChannel connect(Endpoint endpoint, Duration timeout) throws ConnectFailedException {
    IOException last = new UnknownHostException(endpoint.toString());
    try {
      for (SocketAddress address : addresses(endpoint)) {
        try {
          return connect(address, timeout);
        } catch (IOException e) {
          last = e;
        }
      }
    } catch (UnknownHostException e) {
      last = e;
    }
    throw new ConnectFailedException(endpoint, FailureReason.of(last));
  }

  private static List<SocketAddress> addresses(Endpoint endpoint) throws UnknownHostException {
    if (endpoint instanceof Endpoint.Unix unix) {
      return List.of(UnixDomainSocketAddress.of(unix.socket()));
    }
    Endpoint.Tcp tcp = (Endpoint.Tcp) endpoint;
    List<SocketAddress> addresses = new ArrayList<>();
    for (InetAddress address : InetAddress.getAllByName(tcp.host())) {
      addresses.add(new InetSocketAddress(address, tcp.port()));
    }
    return addresses;
  }

  private static SocketChannel connect(SocketAddress address, Duration timeout) throws IOException {
    boolean unix = address instanceof UnixDomainSocketAddress;
    SocketChannel channel =
        unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
    try {
      if (!unix) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      channel.configureBlocking(false);
      if (!channel.connect(address)) {
        finishConnect(channel, timeout);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static void finishConnect(SocketChannel channel, Duration timeout) throws IOException {
    try (Selector connected = Selector.open()) {
      channel.register(connected, SelectionKey.OP_CONNECT);
      if (connected.select(Math.max(1, timeout.toMillis())) == 0 || !channel.finishConnect()) {
        throw new IOException("no answer within " + timeout.toMillis() + " ms");
      }
    }
  }

  /** Queues one frame and writes as much as the kernel takes now. Both buffers are consumed. */
  void send(ByteBuf header, ByteBuf payload) throws IOException {
    if (!channel.isOpen()) {
      header.release();
      payload.release();
      throw new ClosedChannelException();
    }
    outgoing.add(header);
    outgoing.add(payload);
    flush();
  }

  private void flush() throws IOException {
    for (ByteBuf next = outgoing.peek(); next != null; next = outgoing.peek()) {
      while (next.isReadable()) {
        if (next.readBytes(channel, Math.min(next.readableBytes(), IO_SLICE)) == 0) {
          return;
        }
      }
      outgoing.remove().release();
    }
  }

  /** Fills the writable bytes of {@code target} from what has arrived; true once it is full. */
  boolean read(ByteBuf target) throws IOException {
    while (target.isWritable()) {
      int count = target.writeBytes(channel, Math.min(target.writableBytes(), IO_SLICE));
      if (count < 0) {
        throw new ClosedChannelException();
      }
      if (count == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Waits for the socket, writing what is queued meanwhile; false when the time (of {@code
   * System.nanoTime}) has come.
   */
  boolean waitUntilReady(long deadline) throws IOException {
    while (true) {
      flush();
      key.interestOps(
          outgoing.isEmpty() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      selector.selectedKeys().clear();
      int ready = selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      if (ready > 0 && key.isReadable()) {
        return true;
      }
    }
  }

  void close() {
    outgoing.forEach(ByteBuf::release);
    outgoing.clear();
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      // Nothing more can be lost: every reply that matters has been read, and the descriptors are
      // gone.
      return;
    }
  }
}
