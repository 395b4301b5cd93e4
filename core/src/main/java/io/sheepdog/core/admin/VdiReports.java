package io.sheepdog.core.admin;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.VdiBitmap;
import io.sheepdog.protocol.payload.VdiLockPayload;
import io.sheepdog.protocol.payload.VdiLockPayload.Kind;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Which vids are used, deleted, locked, and by whom. */
final class VdiReports {
  private final ClusterAgent agent;
  private final Answers answers;

  VdiReports(ClusterAgent agent, Answers answers) {
    this.agent = agent;
    this.answers = answers;
  }

  /** READ_VDIS. */
  CompletionStage<Reply> inUse(Request request) {
    return answers.structure(
        request, VdiBitmap.SIZE, out -> agent.state().directory().inUseBitmap().encode(out));
  }

  /** READ_DEL_VDIS. */
  CompletionStage<Reply> deleted(Request request) {
    return answers.structure(
        request, VdiBitmap.SIZE, out -> agent.state().directory().deletedBitmap().encode(out));
  }

  /**
   * GET_VDI_COPIES: one entry for each used vid, ascending. A lock is shown at the working VDI that
   * it protects.
   */
  CompletionStage<Reply> states(Request request) {
    ClusterState state = agent.state();
    return answers.list(
        request,
        NoBody.INSTANCE,
        (long) state.directory().entries().size() * VdiStatePayload.SIZE,
        out ->
            state
                .directory()
                .entries()
                .forEach(entry -> payload(entry, state.locks()).encode(out)));
  }

  /** VDI_LOCKS: one entry for each lock, by the id of its working VDI. */
  CompletionStage<Reply> locks(Request request) {
    List<VdiLock> locks =
        agent.state().locks().all().stream().sorted(Comparator.comparing(VdiLock::head)).toList();
    return answers.list(
        request,
        NoBody.INSTANCE,
        (long) locks.size() * VdiLockPayload.SIZE,
        out -> locks.forEach(lock -> payload(lock).encode(out)));
  }

  private static VdiLockPayload payload(VdiLock lock) {
    return new VdiLockPayload(
        lock.head(),
        switch (lock.kind()) {
          case CLIENT -> Kind.CLIENT;
          case SHARED -> Kind.SHARED;
          case IMPLICIT -> Kind.IMPLICIT;
          case HELD -> Kind.HELD;
          case ATTACHED -> Kind.ATTACHED;
        },
        lock.orphaned(),
        lock.generation(),
        lock.since(),
        lock.gatewayAddress(),
        lock.client());
  }

  private static VdiStatePayload payload(VdiEntry entry, LockTable locks) {
    VdiLock lineage = locks.of(entry.vid());
    VdiLock lock = lineage != null && lineage.head().equals(entry.vid()) ? lineage : null;
    return new VdiStatePayload(
        entry.vid(),
        entry.copies(),
        entry.state() == State.SNAPSHOT,
        entry.state() == State.DELETING || entry.state() == State.TOMBSTONE,
        entry.copyPolicy(),
        entry.blockSizeShift(),
        entry.parent(),
        lock == null ? LockState.UNLOCKED : LockState.LOCKED,
        lock == null ? NodeAddress.NONE : lock.gatewayAddress(),
        List.of());
  }
}
