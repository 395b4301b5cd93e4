package io.sheepdog.cli.corosync;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Words;
import io.sheepdog.corosyncconf.text.ConfText;
import io.sheepdog.corosyncconf.text.UnreadableConfException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Reads a corosync.conf and puts a new one in its place. */
final class ConfFiles {
  /** Where corosync looks for it. */
  static final String DEFAULT = "/etc/corosync/corosync.conf";

  private static final String READABLE_BY_ALL = "rw-r--r--";

  private ConfFiles() {}

  static ConfText read(String name, Profile profile) throws CommandFailure {
    try {
      return ConfText.read(path(name, profile));
    } catch (UnreadableConfException e) {
      throw new CommandFailure(profile.systemExit(), Words.orName(e));
    }
  }

  /**
   * The file has the old contents or the new ones, whatever happens: a file beside it is written,
   * synced and renamed. A file that is there keeps its permissions, a link stays a link.
   */
  static void write(String name, byte[] contents, Profile profile) throws CommandFailure {
    Path named = path(name, profile);
    try {
      Path target = Files.exists(named) ? named.toRealPath() : named.toAbsolutePath();
      if (Files.isDirectory(target)) {
        throw new IOException("it is a directory");
      }
      Set<PosixFilePermission> permissions =
          Files.exists(target)
              ? Files.getPosixFilePermissions(target)
              : PosixFilePermissions.fromString(READABLE_BY_ALL);
      Path directory = target.resolveSibling(".").normalize();
      Path fresh = Files.createTempFile(directory, ".corosync.conf", ".new");
      try {
        writeSynced(fresh, contents);
        Files.setPosixFilePermissions(fresh, permissions);
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      sync(directory);
    } catch (IOException | UnsupportedOperationException e) {
      throw new CommandFailure(
          profile.systemExit(),
          "cannot write " + name + ": " + reason(e) + "; choose another file");
    }
  }

  private static String reason(Exception failure) {
    return failure instanceof java.nio.file.NoSuchFileException
        ? "its directory is not there"
        : failure instanceof java.nio.file.AccessDeniedException
            ? "permission denied"
            : Words.orName(failure);
  }

  private static void writeSynced(Path file, byte[] contents) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(contents);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path path(String name, Profile profile) throws CommandFailure {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new CommandFailure(profile.usageExit(), "Invalid file name '" + name + "'");
    }
  }
}
