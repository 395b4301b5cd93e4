package io.sheepdog.integration.qemu;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Cmd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Where the QEMU 5.2 with the sheepdog driver is. */
public final class Qemu52 {

  /** The tag of all tests that need it. */
  public static final String TAG = "qemu52";

  private Qemu52() {}

  /**
   * The directory of {@code qemu-img}, {@code qemu-io} and {@code qemu-system-x86_64} as {@code
   * script/lib/qemu52.sh} built them. Fails when they were not built: nothing skips in silence.
   */
  public static Path bin() {
    return Path.of(script("qemu52.sh", "--locate"));
  }

  /** What a script of {@code script/lib} prints when it succeeds. */
  static String script(String... command) {
    String path = Repository.root().resolve("script/lib").resolve(command[0]).toString();
    List<String> argv = command.length == 1 ? List.of(path) : List.of(path, command[1]);
    return new Cmd(argv, Map.of(), Duration.ofMinutes(5)).run().orFail().stdout().strip();
  }
}
