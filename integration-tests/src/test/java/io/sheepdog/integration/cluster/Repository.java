package io.sheepdog.integration.cluster;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the launchers and scripts of this very source tree are. */
public final class Repository {

  private Repository() {}

  /** The top of the source tree, found upwards from the directory the tests run in. */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    for (Path dir = here; dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve("script/lib")) && Files.exists(dir.resolve("pom.xml"))) {
        return dir;
      }
    }
    throw new AssertionError("the tests run outside of the source tree, in " + here);
  }

  /** The directory of the launchers {@code sheep}, {@code collie} and {@code dog}. */
  public static Path bin() {
    return root().resolve("bin");
  }
}
