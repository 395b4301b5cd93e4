package io.sheepdog.core.recovery;

import io.sheepdog.protocol.id.Epoch;

/** Told how the recovery of a node goes. On the core loop. */
public interface RecoveryListener {
  /** This node begins to bring what belongs on it in that epoch. */
  void begins(Epoch epoch);

  /** This node holds, durably, all that belongs on it; others may not yet. */
  void holdsEverything(RecoveryProgress progress);

  /** All members do: what was set aside before is purged. */
  void complete(RecoveryProgress progress);
}
