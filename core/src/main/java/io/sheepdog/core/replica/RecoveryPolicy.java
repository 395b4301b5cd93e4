package io.sheepdog.core.replica;

import java.time.Duration;

/**
 * The decisions that R6 hangs on, each in one place, so that the simulator can plant a mistake in
 * each and show that it would be found. There is one right answer to each: {@link #SAFE}.
 */
public class RecoveryPolicy {
  /** The rules as they are. */
  public static final RecoveryPolicy SAFE = new RecoveryPolicy();

  /**
   * Whether an object is unavailable while all its targets of an epoch are gone that may have seen
   * newer writes than any copy that is known.
   */
  protected boolean waitsForNewestCopy() {
    return true;
  }

  /** Whether a copy is taken only when no node can have one of a later epoch. */
  protected boolean asksEveryLaterEpoch() {
    return true;
  }

  /** Whether a node says that it holds everything only when it has everything, durably. */
  protected boolean announcesOnlyWhatIsDurable() {
    return true;
  }

  /** Whether copies that were set aside go only when all members hold everything. */
  protected boolean purgesOnlyWhenComplete() {
    return true;
  }

  /** Whether objects that a gateway was writing to when it died are repaired (R16). */
  protected boolean repairsTornObjects() {
    return true;
  }

  /**
   * Whether objects that were dirty when all nodes had ended are compared before anybody touches
   * them (R10).
   */
  protected boolean comparesDirtyObjects() {
    return true;
  }

  /**
   * Whether of the replicas of such an object those count first whose machines went on, so that
   * they still have what was written and not synced (P1).
   */
  protected boolean prefersWhatWasKept() {
    return true;
  }

  /**
   * Whether copies that differ are repaired only when no change of the object is under way at any
   * gateway.
   */
  protected boolean asksForChangesUnderWay() {
    return true;
  }

  /** How often a node looks for an object that could be marked clean. */
  protected Duration cleaningInterval() {
    return Duration.ofMillis(125);
  }

  /** For how long nobody has written to such an object. */
  protected Duration idleBeforeCleaning() {
    return Duration.ofSeconds(30);
  }

  /** How much time passes at least from the beginning of one scrub to that of the next. */
  protected Duration leastScrubPeriod() {
    return Duration.ofDays(1);
  }

  /** How often a node looks whether it is time for a scrub. */
  protected Duration restBetweenScrubs() {
    return Duration.ofMinutes(1);
  }

  /** See {@link #announcesOnlyWhatIsDurable()}; for package recovery. */
  public final boolean mayAnnounceEarly() {
    return !announcesOnlyWhatIsDurable();
  }

  /** See {@link #purgesOnlyWhenComplete()}; for package recovery. */
  public final boolean mayPurgeEarly() {
    return !purgesOnlyWhenComplete();
  }
}
