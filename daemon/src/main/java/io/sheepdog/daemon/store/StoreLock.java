package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code lock}: locked while a daemon uses the store, contains its pid. The kernel unlocks
 * it when the process ends.
 */
final class StoreLock implements AutoCloseable {
  private static final int MAX_PID_BYTES = 32;

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  static StoreLock take(StoreLayout layout) throws IOException, StoreOpenException {
    FileChannel channel =
        FileChannel.open(
            layout.lock(),
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    try {
      if (tryLock(channel) == null) {
        throw inUse(layout, channel);
      }
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
    } catch (IOException | StoreOpenException e) {
      channel.close();
      throw e;
    }
    return new StoreLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  private static StoreOpenException inUse(StoreLayout layout, FileChannel channel)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_BYTES);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).trim();
    String holder = pid.matches("[0-9]+") ? " (pid " + pid + ")" : "";
    return new StoreOpenException(
        Reason.IN_USE,
        "another sheep daemon is using "
            + layout.root()
            + holder
            + "; stop it or give this one another directory");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
