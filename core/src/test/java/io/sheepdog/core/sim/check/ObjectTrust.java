package io.sheepdog.core.sim.check;

/**
 * Whether the replicas of one object may differ although everybody is well: a node died in the
 * middle of a write, and nobody has carried the write to its end since. Rule R16 will reconcile
 * such objects; until core does, the checks look away from exactly these ({@code
 * -Dsim.strict=true}: they do not).
 */
final class ObjectTrust {
  private static final boolean STRICT = Boolean.getBoolean("sim.strict");
  private static final long NEVER = Long.MAX_VALUE;

  private long tornFrom = NEVER;
  private long tornUntil = Long.MIN_VALUE;
  private boolean lasting;

  /** A write of the object may be on some replicas only. */
  void tear(long now) {
    if (!STRICT) {
      tornFrom = Math.min(tornFrom, now);
      tornUntil = NEVER;
    }
  }

  /** The write that may be on some replicas only was given up. */
  void giveUp(long now) {
    tear(now);
    lasting = true;
  }

  /** The write has been carried out everywhere. */
  void heal(long now) {
    if (!lasting && tornUntil == NEVER) {
      tornUntil = now;
    }
  }

  /** Whether reads of it prove nothing any more. */
  boolean isLost() {
    return lasting && tornFrom != NEVER;
  }

  /** Whether it was torn at some moment of that time. */
  boolean wasTorn(long from, long to) {
    return tornFrom <= to && tornUntil >= from;
  }

  /** Whether it ever was. */
  boolean wasEverTorn() {
    return tornFrom != NEVER;
  }
}
