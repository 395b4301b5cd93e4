package io.sheepdog.cli;

import io.sheepdog.cli.CommandTable.Entry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Wrong options and arguments, in the words and with the exit codes of each generation. */
final class ParseFailure {
  private final Profile profile;
  private final Entry entry;
  private final ParameterException failure;

  ParseFailure(Profile profile, Entry entry, ParameterException failure) {
    this.profile = profile;
    this.entry = entry;
    this.failure = failure;
  }

  /**
   * Prints what is wrong.
   *
   * @param usage prints the usage of the command on standard output
   * @return exit code
   */
  int report(Console console, Runnable usage) {
    String missing = missingArgument();
    if (missing != null) {
      console.err().println(missing);
    } else {
      console.err().println(profile.command() + ": " + diagnosis());
    }
    boolean wrongOption = missing == null && isAboutOption();
    if (profile == Profile.DOG && !wrongOption) {
      usage.run();
    } else {
      console
          .err()
          .println("Try '" + profile.command() + " " + words() + " --help' for more information.");
    }
    return profile.usageExit();
  }

  private String words() {
    return entry.group() + " " + entry.name();
  }

  /** The sentence for an argument that is not there, null if the failure is another one. */
  private @Nullable String missingArgument() {
    if (!(failure instanceof MissingParameterException missing)) {
      return null;
    }
    List<ArgSpec> arguments = missing.getMissing();
    if (arguments.isEmpty() || arguments.get(0).isOption()) {
      return null;
    }
    String label = arguments.get(0).paramLabel();
    return profile == Profile.COLLIE
        ? "'" + words() + "' needs a third argument: " + entry.arguments()
        : "Missing argument " + label;
  }

  private boolean isAboutOption() {
    return failure instanceof UnmatchedArgumentException unmatched
        ? unmatched.getUnmatched().get(0).startsWith("-")
        : !(failure.getCause() instanceof IndexOutOfBoundsException);
  }

  private String diagnosis() {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().get(0);
      if (argument.startsWith("--")) {
        return "unrecognized option '" + argument + "'";
      }
      if (argument.startsWith("-") && argument.length() > 1) {
        return "invalid option -- '" + argument.charAt(1) + "'";
      }
      return "unexpected argument '" + argument + "'";
    }
    if (failure.getCause() instanceof IndexOutOfBoundsException) {
      // picocli looks at the first letter of what might be an abbreviated option
      return "an argument is empty";
    }
    ArgSpec argument = failure.getArgSpec();
    if (failure instanceof MissingParameterException && argument != null) {
      return "option '" + argument + "' requires an argument";
    }
    String message = String.valueOf(failure.getMessage());
    return message.startsWith("Error: ") ? message.substring("Error: ".length()) : message;
  }
}
