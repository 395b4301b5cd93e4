package io.sheepdog.cli;

import io.sheepdog.cli.CommandTable.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * All commands as one model: program, group, command, third words. Manual pages and completions are
 * made from it; to run a command only that one's part is built.
 */
public final class CommandModel {
  private CommandModel() {}

  /** The program under that name with everything below it, each with its one line description. */
  public static CommandSpec of(Profile profile) {
    CommandSpec program = CommandSpec.create().name(profile.command());
    program.usageMessage().description("Sheepdog administrator utility");
    Map<String, CommandSpec> groups = new LinkedHashMap<>();
    for (Entry entry : CommandTable.ENTRIES) {
      groups
          .computeIfAbsent(entry.group(), name -> CommandSpec.create().name(name))
          .addSubcommand(entry.name(), command(entry));
    }
    groups.forEach(program::addSubcommand);
    return program;
  }

  private static CommandSpec command(Entry entry) {
    CommandSpec command = CommandSpec.forAnnotatedObject(entry.make().get());
    command.usageMessage().description(entry.description());
    for (CommandTable.Word word : entry.words()) {
      CommandSpec third = CommandSpec.create();
      third.usageMessage().description(word.description());
      command.addSubcommand(word.name(), third);
    }
    return command;
  }

  /** What follows the options of a command, as its usage shows it; empty for nothing. */
  public static String arguments(String group, String name) {
    Entry entry = CommandTable.find(group, name);
    if (entry == null) {
      throw new IllegalArgumentException("no command " + group + " " + name);
    }
    return entry.arguments();
  }

  /** The options that every command has, if it asks a daemon. */
  public static List<OptionSpec> commonOptions() {
    List<OptionSpec> options = new ArrayList<>();
    options.addAll(CommandSpec.forAnnotatedObject(new DaemonOptions()).options());
    options.addAll(CommandSpec.forAnnotatedObject(new CommonOptions()).options());
    return options;
  }

  /** All spellings of those options. */
  public static Set<String> commonOptionNames() {
    Set<String> names = new TreeSet<>();
    commonOptions().forEach(option -> names.addAll(List.of(option.names())));
    return names;
  }
}
