package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Takes a directory into use: checks it, locks it, probes its file system, makes what is missing,
 * removes leftovers. If it cannot serve everything that was made is removed again.
 */
final class StorePreparation {
  private final Disk disk;
  private final StoreLayout layout;
  private final Deque<Path> made = new ArrayDeque<>();
  private @Nullable StoreLock lock;

  StorePreparation(Disk disk, StoreLayout layout) {
    this.disk = disk;
    this.layout = layout;
  }

  /** Returns the lock of a directory that is ready. */
  StoreLock prepare() throws StoreOpenException {
    Path root = layout.root();
    DirectoryCheck.checkPath(root);
    try {
      StoreLock taken = takeIntoUse();
      lock = taken;
      removeLeftovers(root);
      removeLeftovers(layout.objects());
      removeLeftovers(layout.epochs());
      return taken;
    } catch (IOException e) {
      undo(e);
      throw DirectoryCheck.notWritable(root, e.toString());
    } catch (StoreOpenException e) {
      undo(e);
      throw e;
    }
  }

  private StoreLock takeIntoUse() throws IOException, StoreOpenException {
    makeDirectory(layout.root());
    DirectoryCheck.checkContent(layout);
    boolean isNew = !Files.exists(layout.lock());
    StoreLock taken = StoreLock.take(layout);
    lock = taken;
    if (isNew) {
      // Only now: until it is locked it may be another daemon's.
      made.push(layout.lock());
    }
    makeDirectory(layout.objects());
    probe();
    makeDirectory(layout.stale());
    makeDirectory(layout.epochs());
    if (!Files.exists(layout.config())) {
      syncParent();
    }
    return taken;
  }

  /**
   * Makes the name of a new store durable; what is in it follows when its {@code config} is
   * written. Whoever may not read the directory above did not make the store in it, either.
   */
  private void syncParent() throws IOException {
    Path parent = layout.root().getParent();
    if (parent != null && Files.isReadable(parent)) {
      disk.syncDirectory(parent);
    }
  }

  private void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        && !(directory.equals(layout.root()) && Files.isDirectory(directory))) {
      disk.makeDirectory(directory);
      made.push(directory);
    }
  }

  private void probe() throws IOException, StoreOpenException {
    Path file = layout.objects().resolve("xattr-probe" + StoreLayout.TEMPORARY_SUFFIX);
    Files.deleteIfExists(file);
    try {
      Files.createFile(file);
      ObjectXattr.probe(file);
    } catch (IOException e) {
      if (Files.exists(layout.config()) && Faults.isFull(Files.getFileStore(layout.root()), e)) {
        return; // it has passed this when it was made; now it is full
      }
      throw new StoreOpenException(
          Reason.NO_XATTRS,
          layout.root()
              + " is on a file system ("
              + Files.getFileStore(layout.objects()).type()
              + ") that refuses user extended attributes ("
              + e.getMessage()
              + "); mount it with the option user_xattr, or use ext4, xfs or btrfs",
          e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void removeLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (StoreLayout.isTemporary(file.getFileName().toString())
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          disk.delete(file);
          StoreEvent.LEFTOVER_REMOVED.log("file={}", file);
        }
      }
    }
  }

  /** Gives the lock back and removes what {@link #prepare} made. */
  void undo(Exception cause) {
    try {
      // Removed while still locked; who has opened the lock file already finds out (StoreLock).
      for (Path path : made) {
        Files.deleteIfExists(path);
      }
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
