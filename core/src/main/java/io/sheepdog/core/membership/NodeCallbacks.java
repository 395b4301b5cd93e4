package io.sheepdog.core.membership;

/**
 * What the agent tells the daemon. Called on the core loop, after the agent has left the group
 * where it does.
 */
public interface NodeCallbacks {
  /**
   * The cluster does not take this node in; it has left. The sentence names both sides' reasons.
   */
  void onRefused(String reason);

  /** The node gave up its membership by itself. */
  void onFailure(NodeFailure failure);

  /** {@code cluster shutdown} was ordered and what must be on disk is there. */
  void onShutdown();

  /** Something an operator may want to know; the node goes on. */
  void onWarning(String message);
}
