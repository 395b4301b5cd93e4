package io.sheepdog.core.spi;

import java.util.List;
import java.util.Map;

/**
 * Totally ordered events among the daemons of one cluster.
 *
 * <p>Guarantees (those of a CPG group with agreed order): every member gets the same sequence of
 * membership changes and messages; a member gets its own messages too; a new member gets everything
 * after the change that brought it in and nothing from before; messages of a member that died are
 * delivered to all survivors or to none, before the change that removes it. Receipt here proves
 * nothing about receipt elsewhere (R4).
 */
public interface ClusterDriver {
  /** Largest message in bytes; bulk state never travels this way. */
  int MAX_MESSAGE = 60 * 1024;

  /**
   * Joins the group. The first call to the listener is a {@link Listener#membership} that lists
   * this process among the joined.
   */
  void join(Listener listener);

  /**
   * The name under which this process is a member; valid once the first membership was delivered.
   */
  MemberId self();

  /**
   * Sends a message to all members, this one included, in total order. Accepts and queues; order of
   * calls is kept.
   *
   * @param message 1..{@link #MAX_MESSAGE} bytes, not changed afterwards
   */
  void multicast(byte[] message);

  /** Leaves the group; the others see {@link Departure#LEFT}. No listener call follows. */
  void leave();

  /** Receives the ordered sequence, on the core loop. */
  interface Listener {
    /**
     * The group changed.
     *
     * @param members all members after the change, oldest first
     * @param joined those who are new, in order
     * @param left those who are gone, with how
     */
    void membership(List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left);

    /** A message. */
    void delivered(MemberId sender, byte[] message);

    /**
     * The driver lost the group (corosync stopped, event file damaged); no call follows until
     * joined again.
     */
    void failed(String reason);
  }

  /** How a member went; decides whether the loss counts against quorum (R3). */
  enum Departure {
    /** Said good-bye. */
    LEFT,
    /**
     * Its process is no member any more, as its own host reports; mostly because it has died. It
     * cannot go on elsewhere, so it does not count against quorum.
     */
    PROCESS_DIED,
    /** Its host is gone or cut off: it may still be running. */
    NODE_DOWN,
    /**
     * The same, and the driver's provider of quorum, which has more votes to count than those of
     * daemons, has decided for this side: two equal halves need no other rule.
     */
    OUTVOTED;

    /** Whether it may still be running as a member, as far as it knows. */
    public boolean isOutOfReach() {
      return this == NODE_DOWN || this == OUTVOTED;
    }
  }
}
