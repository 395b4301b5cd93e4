package io.sheepdog.integration.corosync.container;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.debian.Package;
import io.sheepdog.integration.process.Cmd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** A minimal Debian 12 with corosync and the package that the build made, as a container image. */
final class NodeImage {
  private static final Duration DEBIAN = Duration.ofMinutes(10);
  private static final Duration IMPORT = Duration.ofMinutes(2);
  private static final String NAME = "sheepdog-node:latest";

  private NodeImage() {}

  /**
   * Makes the image. Docker keeps it, and installs again only when another Debian or another
   * package went in.
   *
   * @return its name
   */
  static String make() {
    String debian = debian();
    return new ImageFromDockerfile(NAME, false)
        .withFileFromPath("sheepdog.deb", Package.file())
        .withDockerfileFromBuilder(
            file ->
                file.from(debian)
                    .copy("sheepdog.deb", "/root/")
                    .run("dpkg -i /root/sheepdog.deb && mkdir /store_dir"))
        .withBuildImageCmdModifier(command -> command.withNetworkMode("none"))
        .get();
  }

  private static String debian() {
    String script = Repository.root().resolve("script/lib/debian-image.sh").toString();
    Path tar = Path.of(new Cmd(List.of(script), Map.of(), DEBIAN).run().orFail().stdout().strip());
    String key = tar.getFileName().toString().replaceFirst("^debian-(\\w+)\\.tar$", "$1");
    String image = "sheepdog-debian:" + key;
    if (Docker.command(IMPORT, "image", "inspect", image).exitCode() != 0) {
      Docker.command(IMPORT, "import", tar.toString(), image).orFail();
    }
    return image;
  }
}
