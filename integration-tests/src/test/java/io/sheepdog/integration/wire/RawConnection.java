package io.sheepdog.integration.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** A connection to a daemon that sends whatever it is told. Not for use by several threads. */
public final class RawConnection implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int LENGTH_OFFSET = 12;

  private final SocketChannel channel;
  private final Selector selector;

  private RawConnection(SocketChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  /** Connects to a Unix socket. */
  public static RawConnection open(Path socket) throws IOException {
    return open(UnixDomainSocketAddress.of(socket));
  }

  /** Connects. */
  public static RawConnection open(SocketAddress address) throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.configureBlocking(false);
    return new RawConnection(channel, Selector.open());
  }

  /**
   * Sends all readable bytes.
   *
   * @throws AssertionError if the daemon does not take them within a minute
   * @throws IOException if the daemon has ended the connection
   */
  public void send(ByteBuf bytes) throws IOException {
    ByteBuffer rest = bytes.nioBuffer();
    long end = end(LIMIT);
    while (rest.hasRemaining()) {
      if (channel.write(rest) == 0 && !ready(SelectionKey.OP_WRITE, end)) {
        throw new AssertionError(rest.remaining() + " bytes not taken within " + LIMIT);
      }
    }
  }

  /** Sends as much as the daemon takes before it lets that much time pass without taking any. */
  public long sendWhileTaken(ByteBuf bytes, Duration pause) throws IOException {
    ByteBuffer rest = bytes.nioBuffer();
    while (rest.hasRemaining()) {
      if (channel.write(rest) == 0 && !ready(SelectionKey.OP_WRITE, end(pause))) {
        break;
      }
    }
    return rest.position();
  }

  /** The next reply, within a minute. */
  public RawReply receive() throws IOException {
    return receive(LIMIT);
  }

  /**
   * The next reply.
   *
   * @throws EOFException if the daemon ended the connection
   * @throws AssertionError if it did not come in time
   */
  public RawReply receive(Duration limit) throws IOException {
    long end = end(limit);
    ByteBuf header = read(Limits.HEADER_SIZE, end);
    int length = header.getIntLE(LENGTH_OFFSET);
    if (length < 0 || length > Limits.MAX_PAYLOAD) {
      throw new AssertionError("a reply announces a payload of " + length + " bytes");
    }
    return new RawReply(header, read(length, end));
  }

  /**
   * Reads to the end of what the daemon sends; false when it leaves the connection open so long.
   */
  public boolean endsWithin(Duration limit) throws IOException {
    long end = end(limit);
    ByteBuffer sink = ByteBuffer.allocate(1 << 16);
    while (true) {
      int count = channel.read(sink.clear());
      if (count < 0) {
        return true;
      }
      if (count == 0 && !ready(SelectionKey.OP_READ, end)) {
        return false;
      }
    }
  }

  private ByteBuf read(int length, long end) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer);
      if (count < 0) {
        throw new EOFException(
            "the daemon ended the connection after %d of %d bytes"
                .formatted(buffer.position(), length));
      }
      if (count == 0 && !ready(SelectionKey.OP_READ, end)) {
        throw new AssertionError(
            "%d of %d bytes came in time".formatted(buffer.position(), length));
      }
    }
    return Unpooled.wrappedBuffer(buffer.flip());
  }

  private boolean ready(int operation, long end) throws IOException {
    long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
    if (left <= 0) {
      return false;
    }
    channel.register(selector, operation);
    selector.selectedKeys().clear();
    selector.select(left);
    if (Thread.currentThread().isInterrupted()) {
      throw new AssertionError("interrupted");
    }
    return true;
  }

  private static long end(Duration limit) {
    return System.nanoTime() + limit.toNanos();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
