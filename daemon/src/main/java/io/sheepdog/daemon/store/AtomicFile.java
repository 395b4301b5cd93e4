package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Replaces a small file so that after a crash it has the old or the new content, never a mixture.
 */
final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes {@code text} beside {@code file}, fsyncs, renames, fsyncs the directory. Durable on
   * return.
   */
  static void replace(Disk disk, Path file, String text) throws IOException {
    Path temporary = StoreLayout.temporary(file);
    try (FileChannel channel = disk.create(temporary)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      long position = 0;
      while (bytes.hasRemaining()) {
        position += disk.write(channel, bytes, position);
      }
      disk.syncAll(channel, temporary);
    }
    disk.rename(temporary, file);
    Path directory = file.getParent();
    if (directory == null) {
      throw new IOException(file + " has no directory");
    }
    disk.syncDirectory(directory);
  }
}
