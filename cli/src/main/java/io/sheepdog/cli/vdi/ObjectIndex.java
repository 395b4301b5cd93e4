package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;

/** Numbers of data objects as arguments: decimal, or hexadecimal with 0x. */
final class ObjectIndex {
  private static final int HEX = 16;

  private ObjectIndex() {}

  static int parse(String text) throws CommandFailure {
    try {
      int number =
          text.startsWith("0x") ? Integer.parseInt(text.substring(2), HEX) : Integer.parseInt(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(text);
    }
    throw invalid(text);
  }

  private static CommandFailure invalid(String text) {
    return new CommandFailure(
        1, "Invalid index '" + text + "': the number of a data object, from 0 on, is expected");
  }
}
