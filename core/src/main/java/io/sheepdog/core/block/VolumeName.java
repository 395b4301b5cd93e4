package io.sheepdog.core.block;

import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.core.vdi.VdiLookup;
import io.sheepdog.protocol.ResultCode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume as clients name it: {@code NAME} is the working VDI, {@code NAME@TAG} and {@code
 * NAME@ID} a snapshot, {@code NAME?readonly} the working VDI without its lock.
 *
 * <p>A working VDI whose own name looks like one of the other forms is found by it all the same,
 * unless the name means something in that form, too: then it means nothing. Digits behind the
 * {@code @} are a snapshot id, anything else is a tag.
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
   * @param entry the VDI, null if there is none
   * @param writable whether it is a working VDI to be opened with its lock
   * @param reason why there is none, empty if there is one
   */
  record Resolved(@Nullable VdiEntry entry, boolean writable, String reason) {
    private static Resolved of(VdiLookup lookup, boolean writable) {
      String reason =
          lookup.isFound()
              ? ""
              : (lookup.code() == ResultCode.NO_TAG
                      ? "the VDI exists, that snapshot does not"
                      : "no such VDI")
                  + "; 'collie vdi list' shows the names (NAME, NAME@TAG, NAME@ID)";
      return new Resolved(lookup.entry(), writable, reason);
    }
  }

  Resolved resolve(VdiDirectory directory) {
    Resolved plain = plain(directory);
    if (!text.endsWith(READ_ONLY)) {
      return plain;
    }
    VolumeName shorter = new VolumeName(text.substring(0, text.length() - READ_ONLY.length()));
    Resolved readOnly = shorter.plain(directory);
    if (plain.entry() == null) {
      return new Resolved(readOnly.entry(), false, readOnly.reason());
    }
    return readOnly.entry() == null ? plain : ambiguous("and of another with " + READ_ONLY);
  }

  /** Without regard to the form that is read-only. */
  private Resolved plain(VdiDirectory directory) {
    VdiLookup whole = directory.lookup(text, "", 0);
    VdiLookup snapshot = snapshot(directory);
    if (snapshot == null || (whole.isFound() && !snapshot.isFound())) {
      return Resolved.of(whole, true);
    }
    VdiEntry other = snapshot.entry();
    return whole.isFound() && other != null
        ? ambiguous("and of snapshot " + other.snapshotId() + " of '" + other.name() + "'")
        : Resolved.of(snapshot, false);
  }

  private static Resolved ambiguous(String otherwise) {
    return new Resolved(
        null,
        false,
        "this is the name of a VDI "
            + otherwise
            + "; a snapshot can be named by its id as well, NAME@ID, and a VDI be given another"
            + " name with 'collie vdi clone'");
  }

  /** Null if the name does not have the form of a snapshot's. */
  private @Nullable VdiLookup snapshot(VdiDirectory directory) {
    int at = text.lastIndexOf(SNAPSHOT);
    if (at < 1 || at == text.length() - 1) {
      return null;
    }
    String name = text.substring(0, at);
    String snapshot = text.substring(at + 1);
    return isId(snapshot)
        ? directory.lookup(name, "", Integer.parseInt(snapshot))
        : directory.lookup(name, snapshot, 0);
  }

  private static boolean isId(String text) {
    return text.length() <= MAX_ID_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && !text.chars().allMatch(c -> c == '0');
  }

  /**
   * All working VDIs and snapshots, ascending by vid, with a name for each that means it and
   * nothing else. The few for which there is none are left out.
   */
  static Map<VolumeName, VdiEntry> all(VdiDirectory directory) {
    Map<VolumeName, VdiEntry> newest = new HashMap<>();
    for (VdiEntry entry : directory.entries()) {
      if (entry.state() == State.SNAPSHOT && isTag(entry.tag())) {
        newest.merge(byTag(entry), entry, (a, b) -> a.snapshotId() > b.snapshotId() ? a : b);
      }
    }
    Map<VolumeName, VdiEntry> result = new LinkedHashMap<>();
    for (VdiEntry entry : directory.entries()) {
      if (entry.state() == State.HEAD) {
        VolumeName name = new VolumeName(entry.name());
        if (entry.equals(name.resolve(directory).entry())) {
          result.put(name, entry);
        }
      } else if (entry.state() == State.SNAPSHOT) {
        VolumeName byTag = byTag(entry);
        VolumeName byId = new VolumeName(entry.name() + SNAPSHOT + entry.snapshotId());
        if (entry.equals(newest.get(byTag)) && directory.head(byTag.text) == null) {
          result.put(byTag, entry);
        } else if (directory.head(byId.text) == null) {
          result.put(byId, entry);
        }
      }
    }
    return result;
  }

  /** Whether a snapshot can be named by that tag. */
  private static boolean isTag(String tag) {
    return !tag.isEmpty() && !isId(tag) && tag.indexOf(SNAPSHOT) < 0 && !tag.endsWith(READ_ONLY);
  }

  private static VolumeName byTag(VdiEntry snapshot) {
    return new VolumeName(snapshot.name() + SNAPSHOT + snapshot.tag());
  }
}
