package io.sheepdog.core.block;

import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiLookup;

/**
 * A volume as clients name it: {@code NAME} is the working VDI, {@code NAME@TAG} and {@code
 * NAME@ID} a snapshot, {@code NAME?readonly} the working VDI without its lock.
 *
 * <p>A working VDI whose own name looks like one of the other forms is found by it all the same.
 * Digits behind the {@code @} are a snapshot id, anything else is a tag.
 *
 * @param text what the client said
 */
public record VolumeName(String text) {
  private static final char SNAPSHOT = '@';
  private static final String READ_ONLY = "?readonly";
  private static final int MAX_ID_DIGITS = 9;

  /**
   * What is meant by the name now.
   *
   * @param lookup the VDI, or why there is none
   * @param writable whether it is a working VDI to be opened with its lock
   */
  record Resolved(VdiLookup lookup, boolean writable) {}

  Resolved resolve(VdiDirectory directory) {
    VdiLookup whole = directory.lookup(text, "", 0);
    if (whole.isFound()) {
      return new Resolved(whole, true);
    }
    if (text.endsWith(READ_ONLY)) {
      String name = text.substring(0, text.length() - READ_ONLY.length());
      return new Resolved(lookup(directory, name), false);
    }
    return new Resolved(lookup(directory, text), false);
  }

  private static VdiLookup lookup(VdiDirectory directory, String name) {
    VdiLookup whole = directory.lookup(name, "", 0);
    int at = name.lastIndexOf(SNAPSHOT);
    if (whole.isFound() || at < 1 || at == name.length() - 1) {
      return whole;
    }
    String snapshot = name.substring(at + 1);
    return isId(snapshot)
        ? directory.lookup(name.substring(0, at), "", Integer.parseInt(snapshot))
        : directory.lookup(name.substring(0, at), snapshot, 0);
  }

  private static boolean isId(String text) {
    return text.length() <= MAX_ID_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && !text.chars().allMatch(c -> c == '0');
  }

  /** The name by which an entry is listed, a working VDI or a snapshot. */
  static VolumeName of(VdiDirectory directory, VdiEntry entry) {
    if (entry.state() == VdiEntry.State.HEAD) {
      return new VolumeName(entry.name());
    }
    boolean byTag =
        !entry.tag().isEmpty()
            && !isId(entry.tag())
            && entry.equals(directory.lookup(entry.name(), entry.tag(), 0).entry());
    return new VolumeName(
        entry.name() + SNAPSHOT + (byTag ? entry.tag() : String.valueOf(entry.snapshotId())));
  }
}
