package io.sheepdog.core.recovery;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.RecoveryStatePayload.Phase;

/**
 * How far this node's recovery has come.
 *
 * @param running whether there is something left to do here
 * @param epoch which epoch is being recovered, or was last; ZERO before the first
 * @param phase what is being done
 * @param finished objects that are here by now, of {@code total}
 * @param total objects known so far that belong here; grows until all members have told theirs
 * @param heldBack whether nothing is brought here because the disk is too full
 * @param bytes size of the objects that were brought here in this epoch by recovery
 */
public record RecoveryProgress(
    boolean running,
    Epoch epoch,
    Phase phase,
    long finished,
    long total,
    boolean heldBack,
    long bytes) {
  static final RecoveryProgress IDLE =
      new RecoveryProgress(false, Epoch.ZERO, Phase.PREPARE_LIST, 0, 0, false, 0);

  /** Nothing has been done yet for that epoch. */
  static RecoveryProgress ahead(Epoch epoch) {
    return new RecoveryProgress(true, epoch, Phase.PREPARE_LIST, 0, 0, false, 0);
  }
}
