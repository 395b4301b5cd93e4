package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshot of an image is meant.
 *
 * @param id number (u32), 0 when {@code tag} says it
 * @param tag tag, empty when {@code id} says it
 */
public record Snapshot(int id, String tag) {
  private static final int HEX = 16;

  /** Reads an argument: a number above 0 is an id, anything that is not all digits a tag. */
  public static Snapshot parse(String text) throws CommandFailure {
    if (text.isEmpty()) {
      throw new CommandFailure(1, "Invalid snapshot '': give its tag or its number");
    }
    if (!isDigits(text)) {
      return new Snapshot(0, text);
    }
    try {
      int id = Integer.parseUnsignedInt(text);
      if (id != 0) {
        return new Snapshot(id, "");
      }
    } catch (NumberFormatException e) {
      throw new CommandFailure(1, "Invalid snapshot id '" + text + "': it is too large");
    }
    throw new CommandFailure(1, "Invalid snapshot id '" + text + "': numbers start at 1");
  }

  private static boolean isDigits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /**
   * The snapshot that NAME:ID of May 2010 means (ID decimal, or hexadecimal with 0x), else null.
   */
  public static @Nullable Snapshot suffixOf(String text) {
    int colon = text.lastIndexOf(':');
    String digits = text.substring(colon + 1);
    boolean isHex = digits.startsWith("0x");
    try {
      int id =
          isHex
              ? Integer.parseUnsignedInt(digits.substring(2), HEX)
              : Integer.parseUnsignedInt(digits);
      return colon > 0 && id != 0 ? new Snapshot(id, "") : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
