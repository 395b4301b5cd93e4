package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the number of copies. Each begins an epoch: what holds for a change of the members
 * then holds here, too. New homes get an object before they answer for it, and copies that are too
 * many are set aside and purged when the epoch is complete.
 */
final class CopiesRules {
  private CopiesRules() {}

  static Outcome alter(Draft draft, AlterCopies event) {
    ClusterConfig config = draft.config;
    if (config == null || event.copies() < 1 || event.copies() > Limits.MAX_COPIES) {
      return new Outcome.Refused(ResultCode.INVALID_PARMS);
    }
    VdiEntry entry = draft.directory.entry(event.vid());
    if (!event.vid().isNone()) {
      ResultCode refusal = refusal(draft, entry);
      if (refusal != null) {
        return new Outcome.Refused(refusal);
      }
    }
    int before = entry == null ? config.copies() : entry.copies();
    if (before == event.copies()) {
      return Outcome.Done.INSTANCE;
    }
    CopiesHistory history = config.history();
    if (history.isFull() || (entry != null && history.isUnwritten(event.vid()))) {
      return new Outcome.Refused(ResultCode.AGAIN);
    }
    Epoch first = EpochRules.newest(draft).next();
    ClusterConfig changed =
        config.withHistory(
            history.with(
                new CopiesChange(event.vid(), first, before, event.copies(), entry == null)));
    draft.config = entry == null ? changed.withCopies(event.copies()) : changed;
    if (entry != null) {
      draft.directory = draft.directory.put(entry.withCopies(event.copies()));
    }
    EpochRules.begin(draft, draft.history.get(draft.history.size() - 1).time());
    return Outcome.Done.INSTANCE;
  }

  /**
   * Only of a working VDI that shares its objects with no other: theirs would keep their number.
   */
  private static @Nullable ResultCode refusal(Draft draft, @Nullable VdiEntry entry) {
    if (entry == null || entry.state() != State.HEAD) {
      return ResultCode.NO_VDI;
    }
    if (draft.directory.isBaseOfReservation(entry.vid())) {
      return ResultCode.AGAIN;
    }
    boolean isAlone =
        entry.parent().isNone()
            && draft.directory.children(entry.vid()).stream()
                .allMatch(child -> child.state() == State.TOMBSTONE);
    return isAlone && entry.copyPolicy() == 0 && entry.copies() > 0
        ? null
        : ResultCode.INVALID_PARMS;
  }

  /** The inode says what was changed. */
  static Outcome written(Draft draft, CopiesWritten event) {
    ClusterConfig config = draft.config;
    if (config != null) {
      draft.config = config.withHistory(config.history().written(event.vid(), event.epoch()));
      forget(draft);
    }
    return Outcome.Done.INSTANCE;
  }

  /** Something has changed of which epoch is complete, or of what inodes say. */
  static void forget(Draft draft) {
    ClusterConfig config = draft.config;
    if (config != null) {
      draft.config = config.withHistory(config.history().complete(draft.recovery.complete()));
    }
  }

  /** Inodes may say what was before; a change that is remembered counts. */
  static VdiDirectory asChanged(VdiDirectory gathered, CopiesHistory history) {
    VdiDirectory directory = gathered;
    for (CopiesChange change : history.changes()) {
      VdiEntry entry = change.vid().isNone() ? null : directory.entry(change.vid());
      if (entry != null && entry.copies() > 0) {
        directory = directory.put(entry.withCopies(change.after()));
      }
    }
    return directory;
  }

  /** Copies of an object in an epoch, 0 if nobody knows of its VDI. */
  static int copiesOf(VdiId vid, @Nullable VdiEntry entry, ClusterConfig config, Epoch epoch) {
    return entry != null && entry.copies() > 0
        ? config.history().in(vid, epoch, entry.copies())
        : config.history().in(VdiId.NONE, epoch, config.copies());
  }
}
