package io.sheepdog.daemon.corosync;

/** Hears why a driver has not joined yet. */
public interface WaitListener {
  /**
   * It waits, from now on for this.
   *
   * @param why a clause about the node, such as "it is joining"
   * @param until what ends it, a clause
   * @param forOthers whether other nodes have to come first
   */
  void waits(String why, String until, boolean forOthers);
}
