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
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
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
