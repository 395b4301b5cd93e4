package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerCopyBody;
import io.sheepdog.protocol.message.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * PEER_COPY: makes an object from this node's own copy of a snapshot's. That must be the newest
 * one, with nobody about to repair it; else the answer is STALE_OBJ, and the gateway sends the
 * bytes.
 *
 * <p>Nothing writes to objects of a snapshot: before a vid becomes one its writes have ended at all
 * gateways (R11), and those of a gateway that died are repaired before anything passes ({@link
 * TornObjects}). What else may make copies of the source differ the gateway finds by the checksums
 * in the answers.
 */
final class SourceCopies {
  private final ClusterView cluster;
  private final ObjectStore store;
  private final ObjectGate gate;
  private final TornObjects torn;
  private final Suspects suspects;
  private final FailedDisk failedDisk;
  private final PeerReplies replies;

  SourceCopies(
      ClusterView cluster,
      ObjectStore store,
      ObjectGate gate,
      TornObjects torn,
      Suspects suspects,
      FailedDisk failedDisk,
      PeerReplies replies) {
    this.cluster = cluster;
    this.store = store;
    this.gate = gate;
    this.torn = torn;
    this.suspects = suspects;
    this.failedDisk = failedDisk;
    this.replies = replies;
  }

  /**
   * Finds out whether the copy of the source here is up to date, and brings it if it belongs here.
   *
   * @param whenUsable what goes on then, in the same epoch or a later one
   */
  void settle(
      PeerRequest peer, PeerCopyBody copy, CompletableFuture<Reply> result, Runnable whenUsable) {
    ObjectId source = copy.sourceOid();
    if (!isUsable(source)) {
      refuse(peer, result);
    } else {
      gate.pass(
          source,
          true,
          code -> {
            if (code == ResultCode.SUCCESS) {
              whenUsable.run();
            } else {
              refuse(peer, result);
            }
          });
    }
  }

  /** Whether there is a copy that may be used, if it is up to date. */
  private boolean isUsable(ObjectId source) {
    VdiEntry owner = cluster.state().directory().entry(source.vid());
    return owner != null
        && owner.state() != VdiEntry.State.HEAD
        && owner.state() != VdiEntry.State.RESERVED
        && store.holds(source)
        && store.failure() == null
        && !gate.isCreating(source)
        && !torn.holdUp(source);
  }

  /** Makes the object, if the source is still here; STALE_OBJ if not. */
  CompletionStage<CopyOutcome> make(
      PeerRequest peer, PeerCopyBody copy, ObjectAttributes attributes, ByteBuf payload) {
    ObjectId source = copy.sourceOid();
    return isUsable(source)
        ? store.copy(peer.oid(), attributes, source, copy.offset(), payload, copy.sums())
        : CompletableFuture.completedFuture(CopyOutcome.failed(StoreStatus.NO_OBJECT));
  }

  /** Answers once the store has. */
  void answer(
      PeerRequest peer,
      PeerCopyBody copy,
      CompletionStage<CopyOutcome> stage,
      CompletableFuture<Reply> result) {
    stage.whenComplete(
        (made, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          StoreStatus status = made.status();
          suspects.noteDamage(copy.sourceOid(), status);
          if (status == StoreStatus.NO_OBJECT || status == StoreStatus.DAMAGED) {
            refuse(peer, result);
          } else {
            ResultCode code = failedDisk.toResult(status);
            result.complete(replies.of(peer.header(), code, made.sum(), Unpooled.EMPTY_BUFFER));
          }
        });
  }

  private void refuse(PeerRequest peer, CompletableFuture<Reply> result) {
    result.complete(replies.of(peer.header(), ResultCode.STALE_OBJ));
  }
}
