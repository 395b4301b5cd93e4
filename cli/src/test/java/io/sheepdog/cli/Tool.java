package io.sheepdog.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;

/** The tool in this process, with its streams in memory; times are in UTC. */
final class Tool {
  static {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
  }

  private final Profile profile;
  private final Map<String, String> environment = new HashMap<>();
  private byte[] input = new byte[0];
  private boolean inputIsTerminal;
  private boolean outputIsTerminal;

  private Tool(Profile profile) {
    this.profile = profile;
  }

  static Tool collie() {
    return new Tool(Profile.COLLIE);
  }

  static Tool dog() {
    return new Tool(Profile.DOG);
  }

  static Tool of(Profile profile) {
    return new Tool(profile);
  }

  Tool at(FakeDaemon daemon) {
    return with("SHEEPDOG_DOG_PORT", Integer.toString(daemon.port()));
  }

  Tool with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Tool typing(String text) {
    inputIsTerminal = true;
    return piping(text.getBytes(StandardCharsets.UTF_8));
  }

  Tool piping(byte[] bytes) {
    input = bytes;
    return this;
  }

  Tool onTerminal() {
    outputIsTerminal = true;
    return this;
  }

  /** Runs one command; words are separated by blanks, {@code _} inside a word stands for one. */
  Result run(String command) {
    List<String> words = new ArrayList<>();
    for (String word : command.split(" ", -1)) {
      words.add(word.replace('_', ' '));
    }
    return run(command.isEmpty() ? new String[0] : words.toArray(String[]::new));
  }

  Result run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(input),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            inputIsTerminal,
            outputIsTerminal,
            environment);
    int code = new CommandRunner(profile, console).run(words);
    return new Result(
        code,
        out.toByteArray(),
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  /**
   * What came of it.
   *
   * @param code exit code
   * @param bytes standard output
   * @param out standard output as text
   * @param err standard error
   */
  record Result(int code, byte[] bytes, String out, String err) {}
}
