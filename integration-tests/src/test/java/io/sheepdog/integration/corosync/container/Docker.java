package io.sheepdog.integration.corosync.container;

import io.sheepdog.integration.process.Cmd;
import io.sheepdog.integration.process.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.DockerClientFactory;

/** The command line tool of Docker, for the engine that Testcontainers found. */
final class Docker {
  private Docker() {}

  /** Runs it. Fails when there is no engine: nothing skips in silence. */
  static Outcome command(Duration limit, String... arguments) {
    DockerClientFactory engine = DockerClientFactory.instance();
    if (!engine.isDockerAvailable()) {
      throw new AssertionError(
          "no Docker Engine answers; run the tests with script/test, or after"
              + " export DOCKER_HOST=$(script/lib/docker.sh)");
    }
    List<String> argv = new ArrayList<>(List.of("docker"));
    argv.addAll(List.of(arguments));
    String host = engine.getTransportConfig().getDockerHost().toString();
    return new Cmd(argv, Map.of("DOCKER_HOST", host), limit).run();
  }
}
