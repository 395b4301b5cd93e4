package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a VDI after it was made: deletion, retirement, changes of its header (R13, R14,
 * R15).
 */
final class VdiRules {
  private VdiRules() {}

  static Outcome delete(Draft draft, MemberId sender, VdiDelete event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry == null || (entry.state() != State.HEAD && entry.state() != State.SNAPSHOT)) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    ResultCode refusal = refusal(draft, event.vid(), event.client());
    if (refusal != null) {
      return new Outcome.Refused(refusal);
    }
    VdiLock lock = draft.locks.of(event.vid());
    if (lock != null && lock.head().equals(event.vid())) {
      LockRules.end(draft, sender, lock);
    }
    draft.directory =
        draft.directory.put(entry.inState(State.DELETING)).beginDeletion(event.vid(), sender);
    return Outcome.Done.INSTANCE;
  }

  static Outcome retire(Draft draft, VdiRetire event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry == null || entry.state() != State.HEAD) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    ResultCode refusal = refusal(draft, event.vid(), event.client());
    if (refusal != null) {
      return new Outcome.Refused(refusal);
    }
    draft.directory = draft.directory.put(entry.asSnapshot(event.time()));
    return Outcome.Done.INSTANCE;
  }

  private static @Nullable ResultCode refusal(Draft draft, VdiId vid, String client) {
    VdiLock lock = draft.locks.of(vid);
    if (lock != null && lock.head().equals(vid) && !lock.allowsChangesBy(client)) {
      return ResultCode.VDI_LOCKED;
    }
    return draft.directory.isBaseOfReservation(vid) ? ResultCode.AGAIN : null;
  }

  static Outcome purged(Draft draft, VdiPurged event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry == null || entry.state() != State.DELETING) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    boolean held = draft.locks.of(event.vid()) != null;
    if (held != event.held()
        || draft.directory.deadInFamily(event.vid()) != event.dead()
        || !EpochRules.newest(draft).equals(event.epoch())) {
      return new Outcome.Refused(ResultCode.AGAIN);
    }
    VdiEntry tombstone = held ? entry.asUnsweptTombstone() : entry.asTombstone();
    draft.directory = draft.directory.put(tombstone).endDeletion(event.vid());
    return Outcome.Done.INSTANCE;
  }

  /** A deletion that was over begins once more, because objects of the VDI may be left. */
  static void deleteAgain(Draft draft, MemberId originator, VdiEntry entry) {
    draft.directory =
        draft.directory.put(entry.inState(State.DELETING)).beginDeletion(entry.vid(), originator);
  }

  static Outcome headerChanged(Draft draft, HeaderChanged event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry == null || (entry.state() != State.HEAD && entry.state() != State.SNAPSHOT)) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    if (event.smaller() && entry.state() != State.HEAD) {
      // a snapshot was taken meanwhile; what is in it stays
      return new Outcome.Refused(ResultCode.READONLY);
    }
    long size = event.smaller() ? event.size() : Math.max(entry.size(), event.size());
    draft.directory =
        draft.directory.put(
            entry.withClientFields(event.tag(), size, event.vmClockNanos(), event.vmStateSize()));
    return Outcome.Done.INSTANCE;
  }
}
