package io.sheepdog.daemon.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where the processes of a local cluster meet: {@code $SHEEPDOG_LOCAL_DIR/NAME}, or {@code
 * /tmp/sheepdog-local-UID/NAME}. Only their user may enter.
 */
public final class LocalDirectory {
  /** Environment variable that names the directory above the clusters'. */
  public static final String VARIABLE = "SHEEPDOG_LOCAL_DIR";

  private static final String DEFAULT_NAME = "default";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private LocalDirectory() {}

  /**
   * The directory for the value of {@code -c}.
   *
   * @param specification {@code local} or {@code local:NAME}
   * @param environment variables of the process
   * @throws IllegalArgumentException with a sentence for the operator if it is neither
   */
  public static Path of(String specification, Map<String, String> environment) {
    if (!specification.equals("local") && !specification.startsWith("local:")) {
      throw new IllegalArgumentException(
          "'" + specification + "' is not a local cluster; write local or local:NAME");
    }
    String name =
        specification.equals("local") ? DEFAULT_NAME : specification.substring("local:".length());
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          "'" + name + "' cannot name a local cluster; use 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    String base = environment.get(VARIABLE);
    return base == null || base.isEmpty()
        ? Path.of("/tmp", "sheepdog-local-" + userId(), name)
        : Path.of(base, name);
  }

  /** Makes the directory if need be and checks that nobody else can enter it. */
  static void prepare(Path directory) throws LocalDriverException {
    try {
      Path base = directory.toAbsolutePath().getParent();
      if (base != null && !Files.exists(base)) {
        makePrivate(base);
      }
      if (base != null && base.equals(Path.of("/tmp", "sheepdog-local-" + userId()))) {
        checkPrivate(base);
      }
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        makePrivate(directory);
      }
      checkPrivate(directory);
    } catch (IOException e) {
      throw new LocalDriverException(
          "the directory of the local cluster "
              + directory
              + " cannot be used: "
              + e
              + "; correct it or set "
              + VARIABLE
              + " to a directory that this user may write");
    }
  }

  private static void makePrivate(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (java.nio.file.FileAlreadyExistsException e) {
      // Several processes start at once: whoever was first made it, and checkPrivate judges it.
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  private static void checkPrivate(Path directory) throws IOException, LocalDriverException {
    PosixFileAttributes attributes =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isDirectory()) {
      throw new LocalDriverException(
          directory + " is not a directory, so no local cluster can meet there; remove it");
    }
    int owner = (Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (owner != userId()) {
      throw new LocalDriverException(
          directory
              + " belongs to user "
              + attributes.owner().getName()
              + ", not to the user who runs sheep; run as that user, remove it, or set "
              + VARIABLE);
    }
    if (!PRIVATE.containsAll(attributes.permissions())) {
      throw new LocalDriverException(
          directory
              + " is open to other users (mode "
              + PosixFilePermissions.toString(attributes.permissions())
              + "), who could forge events; run: chmod 700 "
              + directory);
    }
    if (!Files.isWritable(directory)) {
      throw new LocalDriverException(
          directory + " is not writable for the user who runs sheep; run: chmod 700 " + directory);
    }
  }

  /** Effective user id: the owner of this process in /proc. */
  private static int userId() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new IllegalStateException("/proc is not mounted, the local driver needs it: " + e, e);
    }
  }
}
