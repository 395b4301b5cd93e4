package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.Member;

/**
 * The decisions that R5 hangs on, each in one place, so that the simulator can plant a mistake in
 * each and show that it would be found. There is one right answer to each: {@link #SAFE}.
 */
public class LeasePolicy {
  /** The rules as they are. */
  public static final LeasePolicy SAFE = new LeasePolicy();

  /** Whether a client's reply waits for a valid lease. */
  protected boolean repliesOnlyUnderLease() {
    return true;
  }

  /** Whether a node waits for the end of the leases that it has itself voted for. */
  protected boolean waitsForOwnVotes() {
    return true;
  }

  /**
   * Whether a daemon whose driver reports its death is looked for before its lease counts as over.
   */
  protected boolean looksForTheDead() {
    return true;
  }

  /**
   * Whether this node complains about another.
   *
   * @param member about whom
   * @param unanswered questions in a row that it has not answered
   */
  protected boolean complains(Member member, int unanswered) {
    return unanswered >= SilenceWatch.MOST_UNANSWERED;
  }

  /** Whether a new epoch is served only after the others have said that they know of it. */
  protected boolean waitsForConfirmations() {
    return true;
  }
}
