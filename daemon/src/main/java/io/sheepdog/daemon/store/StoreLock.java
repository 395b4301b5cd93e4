package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code lock}: locked while a daemon uses the store, contains its pid. The kernel unlocks
 * it when the process ends.
 */
final class StoreLock implements AutoCloseable {
  /** Largest content of a lock file. */
  static final int MAX_PID_BYTES = 32;

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
      // in this order the file keeps its block: on a full disk there may be no other
      channel.write(ByteBuffer.wrap(pid), 0);
      channel.truncate(pid.length);
      if (!isStillThere(layout, pid)) {
        throw inUse(layout, channel);
      }
    } catch (IOException | StoreOpenException e) {
      channel.close();
      throw e;
    }
    return new StoreLock(channel);
  }

  /**
   * Whether the file that was locked is still the one of that name: a daemon whose start failed may
   * have removed it since it was opened here, and a third one may have made its own.
   */
  private static boolean isStillThere(StoreLayout layout, byte[] pid) throws IOException {
    try {
      return Arrays.equals(Files.readAllBytes(layout.lock()), pid);
    } catch (NoSuchFileException removed) {
      return false;
    }
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
    byte[] content = Arrays.copyOf(bytes.array(), bytes.position());
    String pid = new String(content, StandardCharsets.US_ASCII).trim();
    String holder = isPid(content) && !pid.isEmpty() ? " (pid " + pid + ")" : "";
    return new StoreOpenException(
        Reason.IN_USE,
        "another sheep daemon is using "
            + layout.root()
            + holder
            + "; stop it or give this one another directory");
  }

  /** Whether a lock file could have this content: a process id, or nothing yet. */
  static boolean isPid(byte[] content) {
    return new String(content, StandardCharsets.US_ASCII).matches("[0-9]*\n?");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
