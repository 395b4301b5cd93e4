package io.sheepdog.integration.debian;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Cmd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The package that the build made. */
public final class Package {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Package() {}

  /** The .deb file. */
  public static Path file() {
    Path directory = Repository.root().resolve("debian/target");
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("sheepdog_.*_all\\.deb"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("mvn package left no .deb in " + directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts its files below a directory, as they would be below /. */
  static Path unpack(Path directory) {
    command("dpkg-deb", "-x", file().toString(), directory.toString());
    return directory;
  }

  /**
   * The same programs as an older version would bring them: with a lower number, with jars of other
   * names, and from another build.
   *
   * @param work an empty directory
   */
  static Path olderVersion(Path work) {
    Path tree = work.resolve("tree");
    Path older = work.resolve("older.deb");
    command("dpkg-deb", "-R", file().toString(), tree.toString());
    command(
        "sh",
        "-ec",
        """
        cd '%s'
        sed -i 's/^Version: .*/Version: 0.0.9/' DEBIAN/control
        for jar in usr/share/sheepdog/*/lib/*-SNAPSHOT.jar; do mv "$jar" "${jar%%-*-SNAPSHOT.jar}-0.0.9.jar"; done
        for stamp in usr/share/sheepdog/*/stamp; do echo 2020-01-01T00:00:00Z >"$stamp"; done
        (find usr etc -type f -exec md5sum {} +) >DEBIAN/md5sums
        """
            .formatted(tree));
    command("dpkg-deb", "-Znone", "-b", tree.toString(), older.toString());
    return older;
  }

  private static void command(String... argv) {
    new Cmd(List.of(argv), Map.of(), LIMIT).run().orFail();
  }
}
