package io.sheepdog.daemon.store;

import io.sheepdog.daemon.store.StoreOpenException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Whether a path may serve as store, judged by looking only. */
final class DirectoryCheck {
  /** Names that a store has, and those that the daemon and a fresh file system put beside them. */
  private static final Set<String> OWN =
      Set.of(
          "config",
          "epoch",
          "obj",
          "dirty",
          "ballast",
          "lock",
          "sock",
          "nbd.sock",
          "sheep.log",
          "lost+found");

  private static final Set<String> OWN_TEMPORARY = Set.of("config.tmp", "dirty.tmp");

  private static final int ORIGINAL_CONFIG_SIZE = 40;
  private static final int ORIGINAL_VERSION_OFFSET = 30;
  private static final int ORIGINAL_MAX_VERSION = 6;

  private DirectoryCheck() {}

  /** The path must exist as a directory, or be creatable in its parent. */
  static void checkPath(Path path) throws StoreOpenException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = path.toAbsolutePath().getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new StoreOpenException(
            Reason.PARENT_MISSING,
            path
                + " cannot be created: its parent directory "
                + parent
                + " does not exist; create it or choose another directory");
      }
      return;
    }
    if (!Files.isDirectory(path)) {
      throw new StoreOpenException(
          Reason.NOT_A_DIRECTORY,
          path + " is not a directory; sheep keeps its objects in one: choose another path");
    }
    if (!Files.isWritable(path) || !Files.isReadable(path) || !Files.isExecutable(path)) {
      throw notWritable(path, "permission is missing or the file system is mounted read-only");
    }
  }

  static StoreOpenException notWritable(Path path, String why) {
    return new StoreOpenException(
        Reason.NOT_WRITABLE,
        path
            + " cannot be written: "
            + why
            + "; run sheep as its owner, or correct its mode or mount options");
  }

  /**
   * A directory without our {@code config} must be empty, but for what an interrupted first start
   * leaves.
   */
  static void checkContent(StoreLayout layout) throws IOException, StoreOpenException {
    checkNotOriginal(layout);
    boolean known = Files.isRegularFile(layout.config(), LinkOption.NOFOLLOW_LINKS);
    Optional<String> foreign = foreignEntry(layout.root());
    if (foreign.isPresent()) {
      if (!known) {
        throw foreign(layout.root(), foreign.get());
      }
      StoreEvent.FOREIGN_FILE.log("file={}", layout.root().resolve(foreign.get()));
    }
    if (!known) {
      checkLockFile(layout);
      checkEmpty(layout, layout.objects());
      checkEmpty(layout, layout.stale());
      checkEmpty(layout, layout.epochs());
    }
  }

  /** A lock file holds at most a process id. */
  private static void checkLockFile(StoreLayout layout) throws IOException, StoreOpenException {
    Path lock = layout.lock();
    if (Files.exists(lock, LinkOption.NOFOLLOW_LINKS)
        && !(Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)
            && Files.size(lock) <= StoreLock.MAX_PID_BYTES
            && StoreLock.isPid(Files.readAllBytes(lock)))) {
      throw foreign(layout.root(), layout.root().relativize(lock).toString());
    }
  }

  private static Optional<String> foreignEntry(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        boolean own =
            OWN.contains(name) || OWN_TEMPORARY.contains(name) || name.startsWith("sheep.log.");
        if (!own) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }

  private static void checkEmpty(StoreLayout layout, Path directory)
      throws IOException, StoreOpenException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw foreign(layout.root(), layout.root().relativize(directory).toString());
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.equals(StoreLayout.STALE) && !StoreLayout.isTemporary(name)) {
          throw foreign(layout.root(), layout.root().relativize(entry) + " but no config");
        }
      }
    }
  }

  private static StoreOpenException foreign(Path path, String what) {
    return new StoreOpenException(
        Reason.FOREIGN_CONTENT,
        path
            + " holds "
            + what
            + ", which is not a sheepdog store; choose an empty directory or one that sheep made");
  }

  /**
   * The C program's {@code config}: 40 bytes, format version 1..6 at offset 30; in May 2010 only
   * {@code obj/<8 digits>}.
   */
  private static void checkNotOriginal(StoreLayout layout) throws IOException, StoreOpenException {
    boolean binary =
        Files.isRegularFile(layout.config())
            && Files.size(layout.config()) == ORIGINAL_CONFIG_SIZE
            && originalVersion(Files.readAllBytes(layout.config()));
    if (binary || hasEpochDirectories(layout.objects())) {
      throw new StoreOpenException(
          Reason.ORIGINAL_LAYOUT,
          layout.root()
              + " is a store of the original sheepdog, which this program does not read or change; "
              + "export its VDIs with the original tools and give sheep an empty directory");
    }
  }

  private static boolean originalVersion(byte[] config) {
    int version =
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).getShort(ORIGINAL_VERSION_OFFSET);
    return version >= 1 && version <= ORIGINAL_MAX_VERSION;
  }

  private static boolean hasEpochDirectories(Path objects) throws IOException {
    if (!Files.isDirectory(objects)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(objects, "[0-9]*")) {
      for (Path entry : entries) {
        if (entry.getFileName().toString().matches("[0-9]{8}") && Files.isDirectory(entry)) {
          return true;
        }
      }
    }
    return false;
  }
}
