package io.sheepdog.daemon.store;

import com.sun.nio.file.ExtendedOpenOption;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes new objects past the page cache (O_DIRECT). What recovery brings is not read soon, and in
 * the cache it would take the place of what clients read; where memory comes fresh from a
 * hypervisor, filling the cache also costs more than the disk does. Belongs to one stripe.
 */
final class DirectWrites {
  /** Largest write, bytes; the disk is at its full speed by then. */
  private static final int MAX_WRITE = 1 << 20;

  /** Below that the page cache is as good, bytes. */
  private static final int WORTH_IT = 64 << 10;

  private static final long MAX_BLOCK = 64 << 10;

  private final Disk disk;
  private @Nullable ByteBuffer buffer;
  private long block;
  private boolean isKnown;

  DirectWrites(Disk disk) {
    this.disk = disk;
  }

  /** Whether an object can be written in this way; {@code temporary} is where it will be made. */
  boolean suit(Path temporary, Task.Create creation) {
    if (creation.offset() != 0 || creation.data().readableBytes() < WORTH_IT) {
      return false;
    }
    if (!isKnown) {
      isKnown = true;
      block = blockOf(temporary);
    }
    return block > 0 && creation.attributes().size() % block == 0;
  }

  /**
   * Writes {@code data} to the beginning of a file that {@link Disk#createDirect} has made; zeros
   * follow up to the end of the block. The buffer's indices stay as they are.
   */
  void write(FileChannel channel, ByteBuf data) throws IOException {
    ByteBuffer aligned = buffer();
    long position = 0;
    int index = data.readerIndex();
    while (index < data.writerIndex()) {
      int length = Math.min(MAX_WRITE, data.writerIndex() - index);
      data.getBytes(index, aligned.clear().limit(length));
      index += length;
      while (aligned.position() % block != 0) {
        aligned.limit(aligned.position() + 1).put((byte) 0);
      }
      aligned.flip();
      while (aligned.hasRemaining()) {
        position += disk.write(channel, aligned, position);
      }
    }
  }

  private ByteBuffer buffer() {
    if (buffer == null) {
      buffer =
          ByteBuffer.allocateDirect(MAX_WRITE + (int) block)
              .alignedSlice((int) block)
              .slice(0, MAX_WRITE);
    }
    return buffer;
  }

  /**
   * Bytes of a block, 0 if the file system has no direct writes. Only trying tells; that is no
   * business of {@link Disk}, because nothing of it is to stay.
   */
  private static long blockOf(Path temporary) {
    try {
      try {
        return tried(Files.write(temporary, new byte[0]));
      } finally {
        // its mode is not that of an object's file
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | UnsupportedOperationException e) {
      StoreEvent.NO_DIRECT_WRITES.log("path={} error=\"{}\"", temporary, e.toString());
      return 0;
    }
  }

  private static long tried(Path file) throws IOException {
    long size = Files.getFileStore(file).getBlockSize();
    if (size > MAX_BLOCK || Long.bitCount(size) != 1) {
      return 0;
    }
    try (FileChannel probe =
        FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(2 * (int) size).alignedSlice((int) size);
      probe.write(zeros.limit((int) size), 0);
      return size;
    }
  }
}
