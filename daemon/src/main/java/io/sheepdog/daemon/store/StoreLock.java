package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
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

  /**
   * The file of that name, opened once more after it was locked. Stays open as long as the lock is
   * held: the kernel unlocks a file when its process closes any descriptor of it (fcntl(2), "Record
   * locking").
   */
  private final FileChannel witness;

  private StoreLock(FileChannel channel, FileChannel witness) {
    this.channel = channel;
    this.witness = witness;
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
      FileChannel witness = openAgain(layout);
      if (witness == null) {
        throw inUse(layout, channel);
      }
      if (!holds(witness, pid)) {
        witness.close();
        throw inUse(layout, channel);
      }
      return new StoreLock(channel, witness);
    } catch (IOException | StoreOpenException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The file of that name, null if there is none: a daemon whose start failed may have removed the
   * one that was locked since it was opened here, and a third one may have made its own.
   */
  private static @Nullable FileChannel openAgain(StoreLayout layout) throws IOException {
    try {
      return FileChannel.open(layout.lock(), StandardOpenOption.READ);
    } catch (NoSuchFileException removed) {
      return null;
    }
  }

  private static boolean holds(FileChannel file, byte[] pid) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(MAX_PID_BYTES);
    file.read(content, 0);
    return Arrays.equals(Arrays.copyOf(content.array(), content.position()), pid);
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
    witness.close();
    channel.close();
  }
}
