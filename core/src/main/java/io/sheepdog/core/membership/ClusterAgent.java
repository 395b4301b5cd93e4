package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.placement.Ring;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** This node's membership. */
public final class ClusterAgent {
  /** Creates the agent; nothing happens before {@link #start()}. */
  public ClusterAgent(LocalNode local, Platform platform, NodeCallbacks callbacks) {
    throw new UnsupportedOperationException();
  }

  /** Joins the group. */
  public void start() {
    throw new UnsupportedOperationException();
  }

  /** Leaves the group; open proposals end with CLUSTER_ERROR. */
  public void leave() {
    throw new UnsupportedOperationException();
  }

  /**
   * After the last applied event; {@link ClusterState#INITIAL} before this node's state is known.
   */
  public ClusterState state() {
    throw new UnsupportedOperationException();
  }

  /** This node as a member; not before {@link #synced()}. */
  public Member self() {
    throw new UnsupportedOperationException();
  }

  /** Whether that member is this node. */
  public boolean isSelf(MemberId id) {
    throw new UnsupportedOperationException();
  }

  /** Whether this node is the synced member that joined first. */
  public boolean isOldest() {
    throw new UnsupportedOperationException();
  }

  /** Whether this node has the state and counts as a member. */
  public boolean synced() {
    throw new UnsupportedOperationException();
  }

  /**
   * The epoch in which this node serves: the state's once its log is on disk, ZERO while the
   * cluster does not run.
   */
  public Epoch servingEpoch() {
    throw new UnsupportedOperationException();
  }

  /** The ring of the current epoch. */
  public Ring ring() {
    throw new UnsupportedOperationException();
  }

  /** The ring of an epoch of the history; empty if the epoch is not known. */
  public Ring ring(Epoch epoch) {
    throw new UnsupportedOperationException();
  }

  /** Sends an event; the stage completes when it was applied here. */
  public CompletionStage<Applied> propose(ClusterEvent event) {
    throw new UnsupportedOperationException();
  }

  /**
   * Like {@link #propose}, and then waits until enough members have applied it in the current epoch
   * (R4). Refusals are not confirmed.
   */
  public CompletionStage<Applied> proposeAndConfirm(ClusterEvent event, Extent extent) {
    throw new UnsupportedOperationException();
  }

  /** Adds a listener; for the life of the agent. */
  public void addListener(StateListener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Runs the task once {@link #servingEpoch()} is at least that epoch, or this node stopped being a
   * member; now if it is so already.
   */
  public void whenEpochServed(Epoch atLeast, Runnable task) {
    throw new UnsupportedOperationException();
  }

  /** The nodes of the newest epoch that are not here while the cluster waits for them (R1). */
  public List<EpochNode> missingNodes() {
    throw new UnsupportedOperationException();
  }

  /** Answers PEER_CONFIRM, PEER_STATE and PEER_DIRECTORY. */
  public CompletionStage<Reply> handlePeer(Request request, ByteBuf payload) {
    throw new UnsupportedOperationException();
  }
}
