package io.sheepdog.cli.format;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import org.jspecify.annotations.Nullable;

/** Options that say how images are laid out (spec/cli-dog-1.0.md section 1.6). */
public final class Layout {
  private static final int MAX_COPIES = 31;
  private static final int MIN_SHIFT = 20;
  private static final int MAX_SHIFT = 31;

  private Layout() {}

  /**
   * Reads a number of replicas.
   *
   * @return 1..31, 0 for the default if the option was not given (for collie also if it is 0)
   */
  public static int copies(@Nullable String text, Profile profile) throws CommandFailure {
    if (text == null || (profile == Profile.COLLIE && text.equals("0"))) {
      return 0;
    }
    int copies = number(text);
    if (copies < 1 || copies > MAX_COPIES) {
      String erasure =
          text.indexOf(':') > 0 ? "; erasure coding (data:parity) is not available yet" : "";
      throw new CommandFailure(
          1,
          "Invalid parameter "
              + text
              + ": the number of copies must be 1 to "
              + MAX_COPIES
              + erasure);
    }
    return copies;
  }

  /**
   * Reads an object size.
   *
   * @return 20..31, 0 for the default if the option was not given
   */
  public static int shift(@Nullable String text) throws CommandFailure {
    if (text == null) {
      return 0;
    }
    int shift = number(text);
    if (shift < MIN_SHIFT || shift > MAX_SHIFT) {
      throw new CommandFailure(
          1,
          "Invalid block size shift "
              + text
              + ": it must be 20 (objects of 1 MiB) to 31 (objects of 2 GiB)");
    }
    return shift;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
