package io.sheepdog.cli;

import io.sheepdog.cli.CommandTable.Entry;
import io.sheepdog.cli.ToolCommand.Invocation;
import io.sheepdog.cli.remote.Remote;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Finds the command, lets picocli parse its options, runs it and turns failures into one line and
 * an exit code.
 */
final class CommandRunner {
  private static final int WORDS = 2;
  private final Profile profile;
  private final Console console;

  CommandRunner(Profile profile, Console console) {
    this.profile = profile;
    this.console = console;
  }

  int run(String[] args) {
    boolean asksForHelp = args.length == 0 || List.of("help", "-h", "--help").contains(args[0]);
    if (asksForHelp) {
      overview(console.out());
      return 0;
    }
    if (!CommandTable.hasGroup(args[0])) {
      console.err().println("Invalid command '" + args[0] + "'");
      hint();
      return profile.usageExit();
    }
    if (args.length < WORDS || args[1].startsWith("-")) {
      return subcommands(args);
    }
    Entry entry = CommandTable.find(args[0], args[1]);
    if (entry == null) {
      console.err().println("Invalid command '" + args[0] + " " + args[1] + "'");
      listSubcommands(args[0], console.err());
      return profile.usageExit();
    }
    return run(entry, Arrays.copyOfRange(args, WORDS, args.length));
  }

  /** Only the first word was given: 2010 answers with the overview, 1.0 with an error. */
  private int subcommands(String[] args) {
    boolean help = args.length >= WORDS && List.of("-h", "--help").contains(args[1]);
    if (help || profile == Profile.COLLIE) {
      listSubcommands(args[0], console.out());
      return 0;
    }
    listSubcommands(args[0], console.err());
    return profile.usageExit();
  }

  private int run(Entry entry, String[] args) {
    long start = System.nanoTime();
    ToolCommand command = entry.make().get();
    CommandLine parser = parser(entry, command);
    try {
      parser.parseArgs(args);
      if (command.common().help()) {
        parser.usage(console.out(), Ansi.OFF);
        return 0;
      }
      return execute(command);
    } catch (ParameterException e) {
      console.err().println(e.getMessage());
      hint();
      return profile.usageExit();
    } finally {
      if (command.common().time()) {
        console.out().printf("%nElapsed time: %.3f seconds%n", (System.nanoTime() - start) / 1e9);
      }
    }
  }

  private int execute(ToolCommand command) {
    try (Remote remote = command.common().connect(profile)) {
      return command.run(new Invocation(profile, console), remote);
    } catch (CommandFailure e) {
      console.out().flush();
      console.err().println(e.getMessage());
      return e.exitCode();
    }
  }

  private CommandLine parser(Entry entry, ToolCommand command) {
    CommandLine parser = new CommandLine(CommandSpec.forAnnotatedObject(command));
    parser.setCommandName(profile.command() + " " + entry.group() + " " + entry.name());
    parser.setAbbreviatedOptionsAllowed(true);
    parser.setOverwrittenOptionsAllowed(true);
    parser.getCommandSpec().usageMessage().description(entry.description());
    return parser;
  }

  private void overview(PrintStream stream) {
    stream.println("Usage: " + profile.command() + " <command> <subcommand> [options]");
    stream.println();
    stream.println("Administers a Sheepdog cluster through any of its daemons.");
    stream.println();
    stream.println("Commands:");
    for (Entry entry : CommandTable.ENTRIES) {
      stream.printf("  %-24s%s%n", entry.group() + " " + entry.name(), entry.description());
    }
    stream.println();
    stream.println("See '" + profile.command() + " <command> <subcommand> --help' for options.");
  }

  private void listSubcommands(String group, PrintStream stream) {
    stream.println("Available " + group + " commands:");
    for (Entry entry : CommandTable.ofGroup(group)) {
      stream.printf("  %-24s%s%n", group + " " + entry.name(), entry.description());
    }
  }

  private void hint() {
    console.err().println("Try '" + profile.command() + " --help' for more information.");
  }
}
