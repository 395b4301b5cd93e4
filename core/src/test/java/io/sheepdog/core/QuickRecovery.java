package io.sheepdog.core;

import io.sheepdog.core.replica.RecoveryPolicy;
import java.time.Duration;

/**
 * The rules as they are, but objects are marked clean as soon as nobody writes for a moment: a
 * schedule lasts for seconds.
 */
public class QuickRecovery extends RecoveryPolicy {
  @Override
  protected Duration cleaningInterval() {
    return Duration.ofMillis(20);
  }

  @Override
  protected Duration idleBeforeCleaning() {
    return Duration.ofMillis(1);
  }
}
