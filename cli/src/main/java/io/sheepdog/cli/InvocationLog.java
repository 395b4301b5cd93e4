package io.sheepdog.cli;

import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Who did what: with SHEEPDOG_DOG_LOG set, every invocation is logged, to the file that
 * SHEEPDOG_DOG_LOG_PATH names or else to syslog (spec/cli-dog-1.0.md section 1.2).
 */
final class InvocationLog {
  private InvocationLog() {}

  static void write(Console console, Profile profile, String[] args) {
    Map<String, String> environment = console.environment();
    if (!environment.containsKey("SHEEPDOG_DOG_LOG")) {
      return;
    }
    String line = profile.command() + " " + String.join(" ", args);
    String path = environment.get("SHEEPDOG_DOG_LOG_PATH");
    try {
      if (path == null) {
        syslog(line);
      } else {
        String now = Times.second(System.currentTimeMillis() / 1000);
        Files.writeString(
            Path.of(path),
            now + ": " + line + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
    } catch (IOException | InvalidPathException e) {
      console.err().println("cannot log this command (SHEEPDOG_DOG_LOG): " + Words.orName(e));
    }
  }

  /** Java has no datagram sockets for /dev/log; logger(1) is in every system with syslog. */
  private static void syslog(String line) throws IOException {
    new ProcessBuilder("logger", "-p", "user.info", "-t", "sheepdog admin operation", "--", line)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .getOutputStream()
        .close();
  }
}
