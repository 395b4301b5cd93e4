package io.sheepdog.daemon.options;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code sheep --help} and {@code sheep --version} print. */
public final class HelpText {
  /** What follows each message about the command line. */
  public static final String HINT = "Try 'sheep --help' for more information.";

  private static final int COLUMN = 28;
  private static final int WIDTH = 100;

  private HelpText() {}

  /** The options of this version, in the order in which the help shows them. */
  public static List<OptionHelp> options() {
    return Arrays.stream(Option.values())
        .filter(Option::supported)
        .map(
            option ->
                new OptionHelp(
                    option.letter(),
                    option.longName(),
                    option.value(),
                    option.defaultValue(),
                    option.meaning()))
        .toList();
  }

  /** The help, ending in a line break. */
  public static String help() {
    StringBuilder out =
        new StringBuilder(
            """
            Usage: sheep [OPTION]... PATH

            Runs one node of a Sheepdog cluster. PATH is the directory where this node keeps its objects, on a file system
            with user extended attributes; it is created if missing and must hold nothing else. The log is PATH/sheep.log.
            The command returns once the node has joined and answers requests, or prints the reason why not.

            First steps, three nodes on this host:
              sheep -c local -p 7000 /tmp/store0
              sheep -c local -p 7001 /tmp/store1
              sheep -c local -p 7002 /tmp/store2
              collie cluster format --copies=3
              collie vdi create Alice 40G

            Options:
            """);
    options().forEach(option -> describe(option, out));
    out.append(
        "\nStop a node with 'kill PID' (SIGTERM), the cluster with 'collie cluster shutdown'.\n");
    out.append("SIGHUP starts a new sheep.log.\n");
    return out.toString();
  }

  private static void describe(OptionHelp option, StringBuilder out) {
    String value = option.value();
    StringBuilder line =
        new StringBuilder("  -").append(option.letter()).append(", --").append(option.longName());
    if (value != null) {
      line.append(' ').append(value);
    }
    @Nullable String defaultValue = option.defaultValue();
    String text =
        option.meaning() + (defaultValue == null ? "" : " (default: " + defaultValue + ")");
    pad(line);
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        out.append(line).append('\n');
        line.setLength(0);
        pad(line);
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static void pad(StringBuilder line) {
    while (line.length() < COLUMN) {
      line.append(' ');
    }
  }

  /**
   * The version, ending in a line break.
   *
   * @param version number of this build
   */
  public static String version(String version) {
    return "Sheepdog daemon version "
        + version
        + "\n\nCluster drivers: "
        + ClusterDriverName.list()
        + "\nFeatures: none\n";
  }
}
