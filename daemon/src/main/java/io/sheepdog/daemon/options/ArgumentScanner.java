package io.sheepdog.daemon.options;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a command line apart as GNU getopt_long does: options and words in any order, {@code --}
 * ends the options, short options bundled, values joined or apart, long names abbreviated as long
 * as they stay unambiguous.
 */
final class ArgumentScanner {
  /**
   * An option that was given.
   *
   * @param option which
   * @param value its value, empty for an option without one
   */
  record Given(Option option, String value) {}

  private final List<Given> options = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private final List<String> arguments;
  private int next;

  private ArgumentScanner(List<String> arguments) {
    this.arguments = arguments;
  }

  static ArgumentScanner scan(List<String> arguments) throws OptionException {
    ArgumentScanner scanner = new ArgumentScanner(arguments);
    scanner.scan();
    return scanner;
  }

  List<Given> options() {
    return options;
  }

  List<String> words() {
    return words;
  }

  private void scan() throws OptionException {
    while (next < arguments.size()) {
      String argument = arguments.get(next++);
      if (argument.equals("--")) {
        words.addAll(arguments.subList(next, arguments.size()));
        return;
      } else if (argument.startsWith("--")) {
        scanLong(argument.substring(2));
      } else if (argument.startsWith("-") && argument.length() > 1) {
        scanShort(argument);
      } else {
        words.add(argument);
      }
    }
  }

  private void scanLong(String text) throws OptionException {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    Option option = byLongName(name);
    if (option.value() == null) {
      if (equals >= 0) {
        throw new OptionException("option '--" + option.longName() + "' takes no value");
      }
      add(option, "");
    } else if (equals >= 0) {
      add(option, text.substring(equals + 1));
    } else {
      add(option, following("--" + option.longName(), option));
    }
  }

  private void scanShort(String argument) throws OptionException {
    for (int i = 1; i < argument.length(); i++) {
      Option option = Option.byLetter(argument.charAt(i));
      if (option == null) {
        throw new OptionException("unknown option '-" + argument.charAt(i) + "'");
      }
      if (option.value() != null) {
        String joined = argument.substring(i + 1);
        add(option, joined.isEmpty() ? following("-" + option.letter(), option) : joined);
        return;
      }
      add(option, "");
    }
  }

  private void add(Option option, String value) throws OptionException {
    if (!option.supported()) {
      throw new OptionException(
          "option '-"
              + option.letter()
              + ", --"
              + option.longName()
              + "' is not supported yet; leave it out");
    }
    options.add(new Given(option, value));
  }

  private String following(String spelling, Option option) throws OptionException {
    if (next == arguments.size()) {
      throw new OptionException(
          "option '" + spelling + "' needs a value: " + spelling + " " + option.value());
    }
    return arguments.get(next++);
  }

  private static Option byLongName(String name) throws OptionException {
    Set<Option> matches = new LinkedHashSet<>();
    for (Option option : Option.values()) {
      for (String longName : option.longNames()) {
        if (longName.equals(name)) {
          return option;
        }
        if (longName.startsWith(name)) {
          matches.add(option);
        }
      }
    }
    if (matches.size() == 1) {
      return matches.iterator().next();
    }
    if (matches.isEmpty()) {
      String suggestion = suggestion(name);
      throw new OptionException(
          "unknown option '--"
              + name
              + "'"
              + (suggestion == null ? "" : "; did you mean '--" + suggestion + "'?"));
    }
    throw new OptionException(
        "option '--"
            + name
            + "' is ambiguous; it could be "
            + matches.stream()
                .map(o -> "'--" + o.longName() + "'")
                .collect(Collectors.joining(" or ")));
  }

  private static @Nullable String suggestion(String name) {
    String best = null;
    int bestDistance = 1 + Math.max(1, name.length() / 3);
    for (Option option : Option.values()) {
      for (String longName : option.longNames()) {
        int distance = distance(name, longName);
        if (distance < bestDistance) {
          bestDistance = distance;
          best = longName;
        }
      }
    }
    return best;
  }

  /** Levenshtein distance, an exchange of neighbours counted once. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
