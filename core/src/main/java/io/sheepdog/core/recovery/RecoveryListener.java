package io.sheepdog.core.recovery;

import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.List;

/** Told how the recovery of a node goes. On the core loop. */
public interface RecoveryListener {
  /** This node begins to bring what belongs on it in that epoch. */
  void begins(Epoch epoch);

  /**
   * All that is known of is here, but nodes are away that may have the only copies of more: the
   * epoch cannot become complete.
   */
  void awaits(Epoch epoch, List<NodeAddress> absent);

  /**
   * The disk is so full that recovery brings nothing more to it, until {@link #goesOn}.
   *
   * @param space of the disk
   */
  void heldBack(Epoch epoch, StoreSpace space);

  /** There is room again. */
  void goesOn(Epoch epoch);

  /** This node holds, durably, all that belongs on it; others may not yet. */
  void holdsEverything(RecoveryProgress progress);

  /** All members do: what was set aside before is purged. */
  void complete(RecoveryProgress progress);
}
