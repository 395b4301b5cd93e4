package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import org.jspecify.annotations.Nullable;

/** Objects as arguments. */
final class ObjectArguments {
  private static final int HEX = 16;

  private ObjectArguments() {}

  /**
   * The id in {@code -o OID}, which is also how JSON is asked for.
   *
   * @param output what {@code -o} was given, null for nothing or JSON
   */
  static @Nullable ObjectId parseId(@Nullable String output, Profile profile)
      throws CommandFailure {
    if (output == null) {
      return null;
    }
    try {
      return new ObjectId(Long.parseUnsignedLong(output, HEX));
    } catch (NumberFormatException e) {
      throw new CommandFailure(
          profile.usageExit(),
          "Invalid object id '"
              + output
              + "': up to 16 hex digits are expected (-o json for JSON)");
    }
  }

  /**
   * The object of a VDI that an index names, as its inode says.
   *
   * @param index null for the inode itself
   */
  static ObjectId of(Vdis vdis, InodeHeader inode, @Nullable String index) throws CommandFailure {
    if (index == null) {
      return ObjectId.inode(inode.vdiId());
    }
    int number = parseIndex(index);
    int[] owners = vdis.index(inode);
    if (number >= owners.length || owners[number] == 0) {
      throw new CommandFailure(
          1, "The inode object 0x" + inode.vdiId() + " idx " + number + " is not allocated");
    }
    return ObjectId.data(new VdiId(owners[number]), number);
  }

  /** Number of a data object: decimal, or hexadecimal with 0x. */
  static int parseIndex(String text) throws CommandFailure {
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
