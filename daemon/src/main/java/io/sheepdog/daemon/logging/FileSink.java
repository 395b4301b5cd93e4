package io.sheepdog.daemon.logging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/**
 * {@code sheep.log}; at its size limit or on demand it is renamed to {@code
 * sheep.log.YYYY-MM-DD-hh-mm} and begun anew.
 */
final class FileSink implements LineSink {
  /** Size at which v1.0 rotates. */
  static final long ROTATE_AT = 500L << 20;

  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm");

  private final Path file;
  private final long rotateAt;
  private final Clock clock;
  private FileChannel channel;
  private long size;

  FileSink(Path file, long rotateAt, Clock clock) throws IOException {
    this.file = file;
    this.rotateAt = rotateAt;
    this.clock = clock;
    this.channel = open(file);
    this.size = channel.size();
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  @Override
  public void write(byte[] lines) throws IOException {
    if (size > 0 && size + lines.length > rotateAt) {
      rotate();
    }
    ByteBuffer buffer = ByteBuffer.wrap(lines);
    while (buffer.hasRemaining()) {
      size += channel.write(buffer);
    }
  }

  @Override
  public void rotate() throws IOException {
    channel.close();
    Files.move(file, freeName());
    channel = open(file);
    size = channel.size();
  }

  private Path freeName() {
    String base = file.getFileName() + "." + SUFFIX.format(LocalDateTime.now(clock));
    Path name = file.resolveSibling(base);
    for (int i = 1; Files.exists(name); i++) {
      name = file.resolveSibling(base + "." + i);
    }
    return name;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
