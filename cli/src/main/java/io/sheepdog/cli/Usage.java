package io.sheepdog.cli;

import io.sheepdog.cli.CommandTable.Entry;
import io.sheepdog.cli.format.Words;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Usage texts. Generators of completions and manual pages parse their layout: two blanks, {@code
 * -x, --name} or the name of a subcommand padded to 24, the description (spec/cli-dog-1.0.md
 * section 1).
 */
final class Usage {
  private static final int NAME_WIDTH = 24;
  private final Profile profile;

  Usage(Profile profile) {
    this.profile = profile;
  }

  /** All commands. */
  void overview(PrintStream out) {
    out.println("Sheepdog administrator utility");
    synopsis(out);
    out.println();
    out.println("Available commands:");
    for (Entry entry : CommandTable.ENTRIES) {
      line(out, entry.group() + " " + entry.name(), entry.description());
    }
    out.println();
    out.println(
        "For more information, type \"" + profile.command() + " <command> <subcommand> --help\".");
  }

  /** The first line of all usages. */
  void synopsis(PrintStream out) {
    out.println("Usage: " + profile.command() + " <command> <subcommand> [options]");
  }

  /** The commands that begin with that word. */
  void subcommands(String group, PrintStream out) {
    out.println("Available " + group + " commands:");
    for (Entry entry : CommandTable.ofGroup(group)) {
      line(out, group + " " + entry.name(), entry.description());
    }
  }

  /** One command: synopsis, words that may follow, options. */
  void command(Entry entry, CommandSpec spec, PrintStream out) {
    StringBuilder synopsis = new StringBuilder("Usage: ").append(profile.command());
    synopsis.append(' ').append(entry.group()).append(' ').append(entry.name());
    if (!entry.words().isEmpty()) {
      List<String> names = entry.words().stream().map(word -> word.name()).toList();
      synopsis.append(" [{").append(String.join("|", names)).append("}]");
    }
    for (OptionSpec option : spec.options()) {
      synopsis.append(" [").append(option.shortestName());
      if (takesValue(option)) {
        synopsis.append(' ').append(option.paramLabel());
      }
      synopsis.append(']');
    }
    if (!entry.arguments().isEmpty()) {
      synopsis.append(' ').append(entry.arguments());
    }
    out.println(synopsis);
    if (!entry.words().isEmpty()) {
      out.println("Available subcommands:");
      entry.words().forEach(word -> line(out, word.name(), word.description()));
    }
    out.println("Options:");
    for (OptionSpec option : spec.options()) {
      String names =
          option.names().length == 1
              ? "    " + option.longestName()
              : option.shortestName() + ", " + option.longestName();
      line(out, names, String.join(" ", option.description()));
    }
  }

  private static boolean takesValue(OptionSpec option) {
    return option.arity().max() > 0;
  }

  private static void line(PrintStream out, String name, String description) {
    out.println("  " + Words.left(name, NAME_WIDTH) + description);
  }
}
