package io.sheepdog.daemon.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock under which event files are appended to, made and removed. The kernel releases it when
 * its holder dies. A holder that is stopped (SIGSTOP) in the fraction of a millisecond of an append
 * holds the others up until it goes on.
 */
final class AppendLock implements AutoCloseable {
  /** Only for several drivers in one process, where the JDK refuses instead of waiting. */
  private static final long SAME_PROCESS_RETRY_NANOS = 50_000;

  private final FileChannel channel;

  AppendLock(Path directory) throws IOException {
    channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }

  /** Waits for the lock; closing the result gives it back. */
  FileLock acquire() throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException heldByThisProcess) {
        LockSupport.parkNanos(SAME_PROCESS_RETRY_NANOS);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
