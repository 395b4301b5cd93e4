package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.replica.RecoveryPolicy;
import java.time.Duration;

/**
 * The rules as they are, but copies are compared all the time, and also those of objects that
 * somebody is writing to.
 */
class EagerUpkeep extends RecoveryPolicy implements Mistake {
  private final boolean bytesRot;

  EagerUpkeep() {
    this(false);
  }

  EagerUpkeep(boolean bytesRot) {
    this.bytesRot = bytesRot;
  }

  @Override
  public boolean bytesRot() {
    return bytesRot;
  }

  @Override
  protected Duration cleaningInterval() {
    return Duration.ofMillis(2);
  }

  @Override
  protected Duration idleBeforeCleaning() {
    return Duration.ofNanos(-1);
  }

  @Override
  protected Duration leastScrubPeriod() {
    return Duration.ofMillis(200);
  }

  @Override
  protected Duration restBetweenScrubs() {
    return Duration.ofMillis(100);
  }

  @Override
  public RecoveryPolicy recovery() {
    return this;
  }
}
