package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Room for the store's own records: a file of zeros that is given away piece by piece when an
 * epoch, the configuration or a dirty mark finds the disk full. Without it clients that fill the
 * holes of their objects could keep a node from logging an epoch, and so the whole cluster from
 * freeing space. Filled up again when there is room. Thread-safe.
 */
final class Ballast implements AutoCloseable {
  /** What one record may need: a file with its directory entry and xattrs, or a lot of marks. */
  static final int PIECE = 64 << 10;

  private static final long MOST = 16L * PIECE;
  private static final int PART_OF_DISK = 64;

  /** A record that fails after that many pieces does not fail for want of room. */
  private static final int PIECES_PER_RECORD = 2;

  /** Something to be put on disk, as often as it takes. */
  interface Record {
    void write() throws IOException;
  }

  private final FileStore fileSystem;
  private final FileChannel channel;
  private final Path file;
  private final long wanted;
  private long size;
  private boolean shortageReported;

  private Ballast(FileStore fileSystem, FileChannel channel, Path file, long wanted, long size) {
    this.fileSystem = fileSystem;
    this.channel = channel;
    this.file = file;
    this.wanted = wanted;
    this.size = size;
  }

  /** Takes the file as it is or makes it, and fills it as far as there is room. */
  static Ballast open(FileStore fileSystem, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    try {
      long part = fileSystem.getTotalSpace() / PART_OF_DISK / PIECE * PIECE;
      Ballast ballast =
          new Ballast(fileSystem, channel, file, Math.min(MOST, part), channel.size());
      ballast.refill();
      return ballast;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Writes a record; when the disk has no room for it, gives a piece away and tries again.
   *
   * @throws IOException what the record failed with at last
   */
  void write(Record record) throws IOException {
    for (int pieces = 0; ; pieces++) {
      try {
        record.write();
        return;
      } catch (IOException e) {
        if (pieces == PIECES_PER_RECORD || !Faults.isFull(fileSystem, e) || !giveAway()) {
          throw e;
        }
      }
    }
  }

  private synchronized boolean giveAway() throws IOException {
    if (size == 0) {
      return false;
    }
    size = Math.max(0, (size - 1) / PIECE * PIECE);
    channel.truncate(size);
    return true;
  }

  /** Grows to the full size again, or as far as there is room. */
  synchronized void refill() throws IOException {
    try {
      while (size < wanted) {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(PIECE, wanted - size));
        while (zeros.hasRemaining()) {
          size += channel.write(zeros, size);
        }
        shortageReported = false;
      }
    } catch (IOException e) {
      if (!Faults.isFull(fileSystem, e)) {
        throw e;
      }
      if (!shortageReported) {
        shortageReported = true;
        StoreEvent.BALLAST_SHORT.log("file={} size={} wanted={}", file, size, wanted);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
