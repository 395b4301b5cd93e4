package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many copies objects had in earlier epochs, as long as anybody has to know: where an object
 * was in an epoch follows from the number that was valid then. What changed up to a complete epoch
 * is of no interest once the inode says it, too.
 *
 * @param forgotten a complete epoch; changes up to it may have been dropped, so nobody may look for
 *     copies of before. ZERO when none was dropped
 * @param changes in order
 */
public record CopiesHistory(Epoch forgotten, List<CopiesChange> changes) {
  /** So many are remembered; the next change has to wait for an epoch that is complete. */
  public static final int MOST = 128;

  /** Nothing was ever changed. */
  public static final CopiesHistory NONE = new CopiesHistory(Epoch.ZERO, List.of());

  /** Copies the list. */
  public CopiesHistory {
    if (changes.size() > MOST) {
      throw new IllegalArgumentException(changes.size() + " changes of copies");
    }
    changes = List.copyOf(changes);
  }

  /**
   * Copies in an epoch.
   *
   * @param now the number today
   */
  int in(VdiId vid, Epoch epoch, int now) {
    int copies = now;
    for (int i = changes.size() - 1; i >= 0; i--) {
      CopiesChange change = changes.get(i);
      if (change.vid().equals(vid) && change.epoch().isNewerThan(epoch)) {
        copies = change.before();
      }
    }
    return copies;
  }

  /** The least number that any of the changes is about, {@code now} if that is less. */
  public int least(int now) {
    int least = now;
    for (CopiesChange change : changes) {
      least = Math.min(least, Math.min(change.before(), change.after()));
    }
    return least;
  }

  boolean isFull() {
    return changes.size() >= MOST;
  }

  /** The first change that its inode does not say yet, null if all do. */
  public @Nullable CopiesChange unwritten() {
    for (CopiesChange change : changes) {
      if (!change.written()) {
        return change;
      }
    }
    return null;
  }

  /** Whether the inode of that VDI does not say yet what was changed last. */
  public boolean isUnwritten(VdiId vid) {
    return changes.stream().anyMatch(change -> change.vid().equals(vid) && !change.written());
  }

  CopiesHistory with(CopiesChange change) {
    List<CopiesChange> all = new ArrayList<>(changes);
    all.add(change);
    return new CopiesHistory(forgotten, all);
  }

  CopiesHistory written(VdiId vid, Epoch epoch) {
    return new CopiesHistory(
        forgotten,
        changes.stream()
            .map(
                change ->
                    change.vid().equals(vid) && change.epoch().equals(epoch)
                        ? change.asWritten()
                        : change)
            .toList());
  }

  /**
   * Drops what nobody has to know once that epoch is complete; the same object if that is nothing.
   */
  CopiesHistory complete(Epoch epoch) {
    List<CopiesChange> rest =
        changes.stream()
            .filter(change -> !change.written() || change.epoch().isNewerThan(epoch))
            .toList();
    return rest.size() == changes.size() ? this : new CopiesHistory(epoch, rest);
  }
}
