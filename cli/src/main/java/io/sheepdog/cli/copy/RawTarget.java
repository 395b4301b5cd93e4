package io.sheepdog.cli.copy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where an image is exported to; data comes in ascending order. */
interface RawTarget extends AutoCloseable {
  /** Writes data; what lies between it and the data before is zero. */
  void write(long at, byte[] bytes, int length) throws IOException;

  /** Everything was written. */
  void finish() throws IOException;

  @Override
  void close() throws IOException;

  /** A pipe, a device or standard output: zeros are written, too. */
  final class Stream implements RawTarget {
    private final OutputStream out;
    private final long size;
    private final byte[] zeros = new byte[Zeros.BLOCK];
    private long position;

    /**
     * @param size bytes of the image
     */
    Stream(OutputStream out, long size) {
      this.out = out;
      this.size = size;
    }

    @Override
    public void write(long at, byte[] bytes, int length) throws IOException {
      fillTo(at);
      out.write(bytes, 0, length);
      position += length;
    }

    private void fillTo(long end) throws IOException {
      while (position < end) {
        int count = (int) Math.min(zeros.length, end - position);
        out.write(zeros, 0, count);
        position += count;
      }
    }

    @Override
    public void finish() throws IOException {
      fillTo(size);
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }

  /**
   * A file with holes. It gets its name when it is complete; interrupted, nothing is left of it.
   */
  final class SparseFile implements RawTarget {
    private final Path target;
    private final Path part;
    private final RandomAccessFile file;
    private final Thread hook;
    private boolean finished;

    SparseFile(Path target, long size) throws IOException {
      this.target = target;
      this.part = target.resolveSibling(target.getFileName() + ".part");
      this.file = new RandomAccessFile(part.toFile(), "rw");
      this.hook = new Thread(this::remove, "remove-part");
      Runtime.getRuntime().addShutdownHook(hook);
      file.setLength(0);
      file.setLength(size);
    }

    private void remove() {
      try {
        Files.deleteIfExists(part);
      } catch (IOException e) {
        System.err.println(part + " remains: " + e.getMessage());
      }
    }

    @Override
    public void write(long at, byte[] bytes, int length) throws IOException {
      Zeros.<IOException>skip(
          bytes,
          length,
          (offset, count) -> {
            file.seek(at + offset);
            file.write(bytes, offset, count);
          });
    }

    @Override
    public void finish() throws IOException {
      file.getFD().sync();
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      finished = true;
    }

    @Override
    public void close() throws IOException {
      file.close();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException ending) {
        // the hook removes it
        return;
      }
      if (!finished) {
        Files.deleteIfExists(part);
      }
    }
  }
}
