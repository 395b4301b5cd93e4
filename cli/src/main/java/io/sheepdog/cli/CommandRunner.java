package io.sheepdog.cli;

import io.sheepdog.cli.CommandTable.Entry;
import io.sheepdog.cli.Subcommand.Invocation;
import io.sheepdog.cli.format.Words;
import io.sheepdog.client.BuildVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Finds the command, lets picocli parse its options, runs it and turns failures into one line and
 * an exit code (spec/cli-collie-2010.md section 1, spec/cli-dog-1.0.md section 1).
 */
final class CommandRunner {
  private static final int WORDS = 2;
  private static final double NANOS = 1e9;
  private final Profile profile;
  private final Console console;
  private final Usage usage;

  CommandRunner(Profile profile, Console console) {
    this.profile = profile;
    this.console = console;
    this.usage = new Usage(profile);
  }

  /** Runs the command that the arguments name; never throws. */
  int run(String[] args) {
    InvocationLog.write(console, profile, args);
    try {
      return dispatch(args);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      return unexpected(e);
    }
  }

  private int unexpected(Throwable failure) {
    console.out().flush();
    if (console.environment().containsKey("SHEEPDOG_DEBUG")) {
      failure.printStackTrace(console.err());
    } else {
      String what = failure.getClass().getSimpleName() + " (" + Words.orName(failure) + ")";
      console
          .err()
          .println(
              profile.command()
                  + ": unexpected "
                  + what
                  + "; please report it with the output of this command with SHEEPDOG_DEBUG=1 set");
    }
    return 1;
  }

  private int dispatch(String[] args) {
    boolean asksForHelp = args.length == 0 || List.of("help", "-h", "--help").contains(args[0]);
    if (asksForHelp) {
      usage.overview(console.out());
      return 0;
    }
    if (args[0].equals("--version")) {
      console.out().println("Sheepdog administrator utility version " + BuildVersion.get());
      return 0;
    }
    Entry benchmark = args[0].equals("bench") ? CommandTable.find("benchmark", "io") : null;
    if (benchmark != null) {
      return run(benchmark, Arrays.copyOfRange(args, 1, args.length));
    }
    if (!CommandTable.hasGroup(args[0])) {
      console.err().println("Invalid command '" + args[0] + "'");
      hint();
      return profile.usageExit();
    }
    if (args.length < WORDS || List.of("-h", "--help").contains(args[1])) {
      return subcommands(args);
    }
    Entry entry = CommandTable.find(args[0], args[1]);
    if (entry == null) {
      console.err().println("Invalid command '" + args[0] + " " + args[1] + "'");
      usage.subcommands(args[0], console.err());
      return profile.usageExit();
    }
    return run(entry, Arrays.copyOfRange(args, WORDS, args.length));
  }

  /** Only the first word was given: 2010 answers with the usage, 1.0 with an error. */
  private int subcommands(String[] args) {
    if (args.length >= WORDS || profile == Profile.COLLIE) {
      usage.synopsis(console.out());
      usage.subcommands(args[0], console.out());
      return 0;
    }
    usage.subcommands(args[0], console.err());
    return profile.usageExit();
  }

  private int run(Entry entry, String[] args) {
    long start = System.nanoTime();
    Subcommand command = entry.make().get();
    CommandSpec spec = CommandSpec.forAnnotatedObject(command);
    try {
      parser(spec).parseArgs(args);
    } catch (ParameterException e) {
      return new ParseFailure(profile, entry, e).report(console, () -> printUsage(entry, spec));
    }
    if (command.common().help()) {
      printUsage(entry, spec);
      return 0;
    }
    int code = execute(entry, spec, command);
    if (command.common().time()) {
      double seconds = (System.nanoTime() - start) / NANOS;
      console.out().printf(Locale.ROOT, "%nElapsed time: %.3f seconds%n", seconds);
    }
    return code;
  }

  private int execute(Entry entry, CommandSpec spec, Subcommand command) {
    Invocation invocation = new Invocation(profile, console);
    try {
      command.check(invocation);
      return command.execute(invocation);
    } catch (CommandFailure e) {
      console.out().flush();
      console.err().println(e.getMessage());
      if (profile == Profile.DOG && e.exitCode() == profile.usageExit()) {
        printUsage(entry, spec);
      }
      return command.exitCode(profile, e);
    }
  }

  /** As GNU getopt does it: options anywhere, abbreviated if unambiguous, the last one wins. */
  private static CommandLine parser(CommandSpec spec) {
    CommandLine parser = new CommandLine(spec);
    parser.setAbbreviatedOptionsAllowed(true);
    parser.setAllowOptionsAsOptionParameters(true);
    parser.setOverwrittenOptionsAllowed(true);
    parser.setExpandAtFiles(false);
    parser.setInterpolateVariables(false);
    return parser;
  }

  private void printUsage(Entry entry, CommandSpec spec) {
    usage.command(entry, spec, console.out());
  }

  private void hint() {
    console.err().println("Try '" + profile.command() + " --help' for more information.");
  }
}
