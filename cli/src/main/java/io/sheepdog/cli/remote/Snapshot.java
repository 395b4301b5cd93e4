package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;

/**
 * Which snapshot of an image is meant.
 *
 * @param id number, 0 when {@code tag} says it
 * @param tag tag, empty when {@code id} says it
 */
public record Snapshot(int id, String tag) {
  /** Reads an argument: a number above 0 is an id, anything that is not all digits a tag. */
  public static Snapshot parse(String text) throws CommandFailure {
    if (!text.matches("[0-9]+")) {
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
}
