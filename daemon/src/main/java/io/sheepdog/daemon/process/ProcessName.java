package io.sheepdog.daemon.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The name under which {@code ps} and {@code pgrep} show the process (proc(5), {@code
 * /proc/pid/comm}).
 */
public final class ProcessName {
  private static final Path COMM = Path.of("/proc/self/comm");

  private ProcessName() {}

  /**
   * Sets the name.
   *
   * @param name at most 15 bytes
   * @return whether it worked; elsewhere than on Linux there is nothing to set
   */
  public static boolean set(String name) {
    try {
      Files.write(COMM, name.getBytes(StandardCharsets.US_ASCII));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
