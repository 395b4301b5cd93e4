package io.sheepdog.daemon.absence;

/**
 * Why this process is not a member of the cluster, in words for people. Lives as long as the
 * process, through all incarnations of the node. Any thread.
 */
public final class Absence {
  /** Most characters of a reason; some come from libraries. */
  static final int MAX_REASON = 1000;

  private record Reason(String why, String until, boolean forOthers) {}

  private volatile Reason reason = new Reason("it is starting", "it has joined", false);
  private volatile String loss = "";

  /**
   * The reason from now on.
   *
   * @param why a clause, such as "it is joining"
   * @param until what ends the absence, a clause, such as "it has joined"
   */
  public void because(String why, String until) {
    because(why, until, false);
  }

  /**
   * The same.
   *
   * @param forOthers whether all is well here, and other nodes have to come first
   */
  public void because(String why, String until, boolean forOthers) {
    reason = new Reason(cut(why), cut(until), forOthers);
  }

  /** Whether all is well here, and other nodes have to come first. */
  public boolean isForOthers() {
    return reason.forOthers();
  }

  /** The reason, a clause. */
  public String why() {
    return reason.why();
  }

  /** What ends the absence, a clause. */
  public String until() {
    return reason.until();
  }

  /** The membership was lost; remembered until the node serves again. */
  public void lost(String why) {
    loss = cut(why);
    because("it gave up its membership and joins again (" + loss + ")", "it has joined");
  }

  /** The node serves. */
  public void over() {
    loss = "";
  }

  /** How the last membership was lost, empty if it was not or the node has served since. */
  public String loss() {
    return loss;
  }

  /** What to tell a user: what, why, until when. */
  public String sentence() {
    Reason now = reason;
    return "This node is not a member of the cluster: "
        + now.why()
        + ". It serves nothing until "
        + now.until()
        + ".";
  }

  private static String cut(String text) {
    return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON) + "...";
  }
}
