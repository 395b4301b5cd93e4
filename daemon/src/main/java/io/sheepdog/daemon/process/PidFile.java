package io.sheepdog.daemon.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The process id in a file that stays locked while the process lives (spec/cli-sheep-daemon.md
 * section 9).
 */
public final class PidFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;

  private PidFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Writes the file, mode 0600.
   *
   * @throws IOException with a sentence for the operator if it cannot be written or another process
   *     holds it
   */
  public static PidFile write(Path path, long pid) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              path,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw new IOException(
          "pid file " + path + " cannot be written: " + e + "; choose another with -P", e);
    }
    try {
      if (channel.tryLock() == null) {
        throw new IOException(
            "pid file " + path + " is in use by another process; choose another with -P");
      }
      channel.truncate(0);
      ByteBuffer text = ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      return new PidFile(path, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Removes the file. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
    channel.close();
  }
}
