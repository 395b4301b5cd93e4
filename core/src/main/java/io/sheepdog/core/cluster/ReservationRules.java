package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.Reservation;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import org.jspecify.annotations.Nullable;

/**
 * New vids in two phases (spec/object-model.md section 4, R11, R13, R15). AGAIN means that another
 * operation on the same name is under way: ask again when it has ended.
 */
final class ReservationRules {
  private ReservationRules() {}

  static Outcome reserve(Draft draft, MemberId sender, VdiReserve event) {
    VdiDirectory directory = draft.directory;
    VdiEntry head = directory.head(event.name());
    ResultCode refusal = refusal(draft, head, event);
    if (refusal != null) {
      return new Outcome.Refused(refusal);
    }
    VdiId vid = directory.freeVid(event.name());
    if (vid == null) {
      return new Outcome.Refused(ResultCode.FULL_VDI);
    }
    VdiEntry entry =
        new VdiEntry(
            vid,
            State.RESERVED,
            event.name(),
            "",
            directory.nextSnapshotId(event.name()),
            event.base(),
            event.time(),
            SheepTime.NONE,
            event.size(),
            0,
            0,
            event.copies(),
            event.copyPolicy(),
            event.storePolicy(),
            event.blockSizeShift());
    VdiId frozen = head == null ? VdiId.NONE : head.vid();
    draft.directory =
        directory.put(entry).reserve(vid, new Reservation(event.kind(), sender, frozen));
    return new Outcome.Reserved(entry, frozen);
  }

  private static @Nullable ResultCode refusal(
      Draft draft, @Nullable VdiEntry head, VdiReserve event) {
    VdiDirectory directory = draft.directory;
    if (directory.isReserved(event.name())) {
      return ResultCode.AGAIN;
    }
    boolean replacesHead =
        event.kind() == ReserveKind.SNAPSHOT || event.kind() == ReserveKind.BRANCH;
    if (replacesHead && head == null) {
      return ResultCode.NO_VDI;
    }
    if (!replacesHead && head != null) {
      return ResultCode.VDI_EXIST;
    }
    if (event.kind() != ReserveKind.SNAPSHOT && isLockedByOther(draft, event)) {
      return ResultCode.VDI_LOCKED;
    }
    return baseRefusal(directory.entry(event.base()), head, event);
  }

  /**
   * R13: who holds the name may move it to another base; also while it has no head because it was
   * retired.
   */
  private static boolean isLockedByOther(Draft draft, VdiReserve event) {
    VdiEntry newest = draft.directory.newest(event.name());
    if (newest == null) {
      return false;
    }
    VdiLock lock = draft.locks.of(newest.vid());
    return lock != null
        && lock.head().equals(newest.vid())
        && !lock.allowsChangesBy(event.client());
  }

  private static @Nullable ResultCode baseRefusal(
      @Nullable VdiEntry base, @Nullable VdiEntry head, VdiReserve event) {
    if (event.kind() == ReserveKind.CREATE) {
      return event.base().isNone() ? null : ResultCode.INVALID_PARMS;
    }
    if (base == null || (base.state() != State.HEAD && base.state() != State.SNAPSHOT)) {
      return ResultCode.NO_BASE_VDI;
    }
    if (event.kind() == ReserveKind.SNAPSHOT) {
      return base.equals(head) ? null : ResultCode.INVALID_PARMS;
    }
    return base.state() == State.SNAPSHOT ? null : ResultCode.INVALID_PARMS;
  }

  static Outcome commit(Draft draft, MemberId sender, VdiCommit event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    Reservation reservation = draft.directory.reservations().get(event.vid());
    if (entry == null || reservation == null || !reservation.originator().equals(sender)) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    if (!event.header().vdiId().equals(event.vid())
        || !event.header().name().equals(entry.name())
        || event.header().isSnapshot()) {
      return new Outcome.Refused(ResultCode.INVALID_PARMS);
    }
    VdiDirectory directory = draft.directory.endReservation(event.vid());
    VdiEntry previous = directory.newest(entry.name());
    if (previous != null) {
      VdiLock lock = draft.locks.of(previous.vid());
      if (previous.state() == State.HEAD) {
        directory = directory.put(previous.asSnapshot(entry.createTime()));
      }
      if (lock != null && lock.head().equals(previous.vid())) {
        draft.locks = draft.locks.moveHead(lock, event.vid());
      }
    }
    draft.directory = directory.put(VdiEntry.of(event.header()));
    return Outcome.Done.INSTANCE;
  }

  static Outcome abort(Draft draft, VdiAbort event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry == null || !draft.directory.reservations().containsKey(event.vid())) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    draft.directory = draft.directory.endReservation(event.vid()).put(entry.asTombstone());
    return Outcome.Done.INSTANCE;
  }
}
