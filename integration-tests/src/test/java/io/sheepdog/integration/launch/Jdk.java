package io.sheepdog.integration.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A Java installation, as {@code JAVA_HOME} names it.
 *
 * @param home where it is
 */
record Jdk(Path home) {

  private static final Path DEBIAN = Path.of("/usr/lib/jvm");
  private static final int OLDEST = 17;

  /** The one that runs this test, and all others of this machine that the launchers accept. */
  static List<Jdk> installed() {
    Set<Path> homes = new LinkedHashSet<>();
    try {
      homes.add(Path.of(System.getProperty("java.home")).toRealPath());
      if (Files.isDirectory(DEBIAN)) {
        try (Stream<Path> entries = Files.list(DEBIAN).sorted()) {
          for (Path entry : entries.filter(Jdk::isRecentEnough).toList()) {
            homes.add(entry.toRealPath());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return homes.stream().map(Jdk::new).toList();
  }

  private static boolean isRecentEnough(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION=\""))
          .map(line -> line.replaceAll("^[^0-9]*([0-9]+).*$", "$1"))
          .anyMatch(major -> Integer.parseInt(major) >= OLDEST);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A shell command that runs the given one on this JDK. */
  String with(String command) {
    return "JAVA_HOME='%s' %s".formatted(home, command);
  }

  @Override
  public String toString() {
    return home.getFileName().toString();
  }
}
