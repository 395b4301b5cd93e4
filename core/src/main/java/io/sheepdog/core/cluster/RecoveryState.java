package io.sheepdog.core.cluster;

import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.Epoch;
import org.pcollections.PSet;
import org.pcollections.TreePSet;

/**
 * How far the nodes have come in giving every object all its replicas again.
 *
 * @param complete newest epoch all of whose nodes said that they hold, durably, everything that
 *     they have to hold in it: what was good only before it is of no use to anybody (R6). ZERO when
 *     none is known
 * @param done members that have said so of the current epoch, while others have not
 * @param paused whether an operator has switched the background work off
 */
public record RecoveryState(Epoch complete, PSet<MemberId> done, boolean paused) {
  /** Nothing is known of a complete epoch. */
  public static final RecoveryState NONE = of(RecoveryMark.NONE);

  /** As a store remembers it. */
  static RecoveryState of(RecoveryMark mark) {
    return new RecoveryState(mark.complete(), TreePSet.empty(), mark.paused());
  }

  /** What a store has to remember. */
  public RecoveryMark mark() {
    return new RecoveryMark(complete, paused);
  }

  RecoveryState inNewEpoch() {
    return new RecoveryState(complete, TreePSet.empty(), paused);
  }

  RecoveryState completed(Epoch epoch) {
    return new RecoveryState(epoch, TreePSet.empty(), paused);
  }

  RecoveryState withDone(MemberId member) {
    return new RecoveryState(complete, done.plus(member), paused);
  }

  RecoveryState withPaused(boolean nowPaused) {
    return new RecoveryState(complete, done, nowPaused);
  }
}
