package io.sheepdog.daemon.local;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/**
 * Says when files in a directory change, by inotify; whoever waits also looks from time to time, so
 * that a lost notice costs little.
 */
final class FileWatch implements AutoCloseable {
  private final WatchService service;
  private final Runnable changed;

  private FileWatch(WatchService service, Runnable changed) {
    this.service = service;
    this.changed = changed;
  }

  /**
   * Starts watching.
   *
   * @param changed called by a thread of its own
   * @throws IOException if the kernel has no inotify instance left (fs.inotify.max_user_instances)
   */
  static FileWatch start(Path directory, Runnable changed) throws IOException {
    WatchService service = directory.getFileSystem().newWatchService();
    try {
      directory.register(
          service, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
    } catch (IOException e) {
      service.close();
      throw e;
    }
    FileWatch watch = new FileWatch(service, changed);
    Thread thread = new Thread(watch::work, "local-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void work() {
    try {
      while (true) {
        WatchKey key = service.take();
        key.pollEvents();
        changed.run();
        if (!key.reset()) {
          return;
        }
      }
    } catch (ClosedWatchServiceException closed) {
      changed.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
