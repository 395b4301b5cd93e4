package io.sheepdog.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Where the tool reads and prints.
 *
 * @param in standard input
 * @param out standard output: data
 * @param err standard error: everything else
 * @param inputIsTerminal whether somebody can answer a question
 * @param outputIsTerminal whether somebody looks: bold only then
 * @param environment environment variables
 */
public record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inputIsTerminal,
    boolean outputIsTerminal,
    Map<String, String> environment) {
  private static final String BOLD = "\033[1m";
  private static final String NORMAL = "\033[0m";

  /**
   * The text in bold, if standard output is a terminal and the user has not set NO_COLOR to
   * anything (no-color.org).
   */
  public String bold(String text) {
    return outputIsTerminal && environment.getOrDefault("NO_COLOR", "").isEmpty()
        ? BOLD + text + NORMAL
        : text;
  }

  /**
   * Asks on standard output and reads a line from standard input; anything that does not begin with
   * "yes" is no, and so is the end of the input.
   */
  public boolean confirm(String question) throws CommandFailure {
    out.print(question + " [yes/no]: ");
    out.flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
      return answer != null && answer.toLowerCase(Locale.ROOT).startsWith("yes");
    } catch (IOException e) {
      throw new CommandFailure(1, "cannot read the answer from standard input: " + e.getMessage());
    }
  }
}
