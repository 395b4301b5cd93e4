package io.sheepdog.daemon.local;

import io.sheepdog.daemon.local.EventRecord.Parsed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open event file and how far it was read. Driver thread. */
final class EventFile implements AutoCloseable {
  private static final int READ_BYTES = 4 * (EventRecord.HEADER + EventRecord.MAX_PAYLOAD);

  private final Path path;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES).limit(0);
  private long position;
  private boolean bad;

  private EventFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  static EventFile open(Path path) throws IOException {
    return new EventFile(
        path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  Path path() {
    return path;
  }

  /** Bytes read as whole records. */
  long position() {
    return position;
  }

  /**
   * Whether the bytes at {@link #position} were no record when last seen; without the lock that may
   * pass.
   */
  boolean bad() {
    return bad;
  }

  /** The next whole record, null if there is none (yet). */
  @Nullable EventRecord next() throws IOException {
    Parsed parsed = EventRecord.decode(buffer);
    if (!(parsed instanceof Parsed.Whole)) {
      refill();
      parsed = EventRecord.decode(buffer);
    }
    bad = parsed instanceof Parsed.Bad;
    if (parsed instanceof Parsed.Whole whole) {
      position += whole.event().size();
      return whole.event();
    }
    buffer.limit(buffer.position());
    return null;
  }

  /**
   * Reads again from the first byte that was not understood: a torn tail may have been replaced
   * since.
   */
  private void refill() throws IOException {
    buffer.clear();
    long from = position;
    int count = 0;
    while (buffer.hasRemaining() && count >= 0) {
      count = channel.read(buffer, from);
      from += Math.max(count, 0);
    }
    buffer.flip();
  }

  /**
   * Appends behind {@link #position}, which must be the end of the whole records, and cuts off what
   * a dead writer left. Under the lock.
   */
  void append(List<EventRecord> events) throws IOException {
    if (channel.size() > position) {
      channel.truncate(position);
    }
    ByteBuffer bytes = ByteBuffer.allocate(events.stream().mapToInt(EventRecord::size).sum());
    events.forEach(event -> event.encode(bytes));
    bytes.flip();
    long to = position;
    while (bytes.hasRemaining()) {
      to += channel.write(bytes, to);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
