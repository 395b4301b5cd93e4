package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.Objects;

/** Who may write (P4, R12). */
final class LockRules {
  private LockRules() {}

  /**
   * A second client is refused, and so is a second opening by the same client: two QEMUs of one
   * host would corrupt the VDI.
   */
  static Outcome acquire(Draft draft, Member gateway, LockAcquire event) {
    VdiEntry entry = draft.directory.entry(event.vid());
    if (entry != null && entry.state() == State.SNAPSHOT) {
      return new Outcome.Refused(ResultCode.READONLY);
    }
    if (entry == null || entry.state() != State.HEAD) {
      return new Outcome.Refused(ResultCode.NO_VDI);
    }
    if (draft.locks.of(event.vid()) != null) {
      return new Outcome.Refused(ResultCode.VDI_LOCKED);
    }
    LockTable locks =
        draft.locks.grant(
            event.vid(),
            gateway.id(),
            gateway.node().address(),
            event.client(),
            event.kind(),
            event.time());
    draft.locks = locks;
    return new Outcome.Locked(Objects.requireNonNull(locks.of(event.vid())));
  }

  static Outcome attach(Draft draft, Member gateway, LockAttach event) {
    VdiLock lock = draft.locks.of(event.vid());
    if (lock == null) {
      return new Outcome.Refused(ResultCode.VDI_NOT_LOCKED);
    }
    boolean mayMove = lock.orphaned() || lock.gateway().equals(gateway.id());
    if (!mayMove
        || lock.generation() != event.generation()
        || !lock.client().equals(event.client())) {
      return new Outcome.Refused(ResultCode.VDI_LOCKED);
    }
    LockTable locks = draft.locks.attach(lock, gateway.id(), gateway.node().address());
    draft.locks = locks;
    return new Outcome.Locked(Objects.requireNonNull(locks.of(event.vid())));
  }

  static Outcome release(Draft draft, MemberId sender, LockRelease event) {
    VdiLock lock = draft.locks.of(event.vid());
    if (lock == null || (event.generation() != 0 && event.generation() != lock.generation())) {
      return new Outcome.Refused(ResultCode.VDI_NOT_LOCKED);
    }
    end(draft, sender, lock);
    return Outcome.Done.INSTANCE;
  }

  /**
   * Nobody can index any more what was created under this lock: the deletions in its lineage, which
   * had to spare such objects, begin once more (R8). That they do is part of the state, so no crash
   * forgets it.
   */
  static void end(Draft draft, MemberId sender, VdiLock lock) {
    draft.locks = draft.locks.release(lock);
    for (VdiId vid : lock.lineage()) {
      VdiEntry entry = draft.directory.entry(vid);
      if (entry != null && entry.state() == State.TOMBSTONE) {
        VdiRules.deleteAgain(draft, sender, entry);
      }
    }
  }
}
