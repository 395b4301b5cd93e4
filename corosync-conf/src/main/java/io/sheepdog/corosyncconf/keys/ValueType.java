package io.sheepdog.corosyncconf.keys;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a value may be. */
public sealed interface ValueType {

  /** What is wrong with the value, null if nothing is. */
  @Nullable String complaint(String value);

  /** Any text. */
  record Text() implements ValueType {
    @Override
    public @Nullable String complaint(String value) {
      return value.isEmpty() ? "it is empty" : null;
    }
  }

  /** Anything at all; a rule of its own looks at it. */
  record Other() implements ValueType {
    @Override
    public @Nullable String complaint(String value) {
      return null;
    }
  }

  /**
   * A whole number, decimal.
   *
   * @param min smallest
   * @param max largest
   * @param zero whether zero is allowed although it is smaller: it stands for the default
   */
  record Whole(long min, long max, boolean zero) implements ValueType {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    @Override
    public @Nullable String complaint(String value) {
      if (DIGITS.matcher(value).matches()) {
        long number = Long.parseLong(value);
        if (number >= min && number <= max || zero && number == 0) {
          return null;
        }
      }
      return "it must be a whole number from " + min + " to " + max;
    }
  }

  /**
   * One of some words, written exactly so.
   *
   * @param words all of them
   */
  record OneOf(List<String> words) implements ValueType {
    public OneOf {
      words = List.copyOf(words);
    }

    @Override
    public @Nullable String complaint(String value) {
      return words.contains(value) ? null : "it must be one of " + String.join(", ", words);
    }
  }
}
