package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.Epoch;

/**
 * What must be known of recovery after a restart of the whole cluster.
 *
 * @param complete newest epoch all of whose nodes said that they hold, durably, everything that
 *     they had to hold in it; ZERO when none is known. Older than the truth is safe, newer is not
 * @param paused whether an operator has switched the background work off
 */
public record RecoveryMark(Epoch complete, boolean paused) {
  /** Nothing is known. */
  public static final RecoveryMark NONE = new RecoveryMark(Epoch.ZERO, false);
}
