package io.sheepdog.debian;

import io.sheepdog.cli.CommandModel;
import io.sheepdog.cli.Profile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The parts of collie's and dog's manual page that the program knows itself. */
final class ToolPage {
  private ToolPage() {}

  /** Every command: how it is typed, what it does, the words and options that are its own. */
  static String commands(Profile profile) {
    Roff roff = new Roff();
    CommandModel.of(profile)
        .subcommands()
        .forEach(
            (group, commands) -> {
              roff.heading(group);
              commands
                  .getSubcommands()
                  .forEach((name, command) -> describe(roff, group, name, command));
            });
    return roff.toString();
  }

  private static void describe(Roff roff, String group, String name, CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Map<String, CommandLine> words = command.getSubcommands();
    List<OptionSpec> own = ownOptions(spec);
    StringBuilder rest = new StringBuilder();
    if (!words.isEmpty()) {
      rest.append("[{").append(String.join("|", words.keySet())).append("}] ");
    }
    rest.append("[options] ").append(CommandModel.arguments(group, name));
    roff.synopsis(group + " " + name, rest.toString().strip());
    roff.paragraph(sentence(description(spec)));
    words.forEach((word, third) -> roff.term(word, description(third.getCommandSpec())));
    own.forEach(option -> describe(roff, option));
  }

  private static List<OptionSpec> ownOptions(CommandSpec spec) {
    Set<String> common = CommandModel.commonOptionNames();
    return spec.options().stream()
        .filter(option -> !common.contains(option.longestName()))
        .toList();
  }

  /** A list of options. */
  static String options(List<OptionSpec> options) {
    Roff roff = new Roff();
    options.forEach(option -> describe(roff, option));
    return roff.toString();
  }

  private static void describe(Roff roff, OptionSpec option) {
    @Nullable String value = option.arity().max() > 0 ? option.paramLabel() : null;
    roff.option(List.of(option.names()), value, String.join(" ", option.description()));
  }

  private static String description(CommandSpec spec) {
    return String.join(" ", spec.usageMessage().description());
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }
}
