package io.sheepdog.integration.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text conversation over a Unix socket: send something, wait for something, keep all of it. */
final class UnixLine implements AutoCloseable {

  private final SocketChannel channel;
  private final Selector selector;
  private final StringBuilder received = new StringBuilder();
  private final ByteBuffer buffer = ByteBuffer.allocate(8192);
  private int answered;

  private UnixLine(SocketChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  static UnixLine connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.configureBlocking(false);
    Selector selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
    return new UnixLine(channel, selector);
  }

  /** Sends text; an answer awaited afterwards is looked for in what arrives from now on. */
  void send(String text) {
    try {
      drain();
      answered = received.length();
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot send \"" + text + "\" after: " + received, e);
    }
  }

  /**
   * The first match in what arrived since the last {@link #send}; empty when none comes within the
   * limit or before the other side ends.
   */
  Optional<String> await(Pattern wanted, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      boolean open = true;
      while (true) {
        Matcher matcher = wanted.matcher(received).region(answered, received.length());
        if (matcher.find()) {
          return Optional.of(matcher.group());
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || !open) {
          return Optional.empty();
        }
        selector.select(Math.max(1, left / 1_000_000));
        selector.selectedKeys().clear();
        open = drain();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything received so far since the last {@link #send}. */
  String transcript() {
    return received.substring(answered);
  }

  private boolean drain() throws IOException {
    int count;
    while ((count = channel.read(buffer.clear())) > 0) {
      received.append(StandardCharsets.UTF_8.decode(buffer.flip()));
    }
    return count == 0;
  }

  @Override
  public void close() {
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
