package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.cpg.CpgListener;
import io.sheepdog.nativebindings.quorum.QuorumView;

/** What happens to a {@link Group}; called on its dispatching thread, which must not wait. */
public interface GroupListener extends CpgListener {
  /**
   * There is a connection to corosync; the first call, unless {@link #lost} is.
   *
   * @param localNodeId corosync's number of this node
   * @param quorumConfigured whether {@link #quorum} will be called
   */
  void connected(int localNodeId, boolean quorumConfigured);

  /**
   * The present state of quorum, or a change. Not ordered with the calls of libcpg, but for the
   * ring.
   */
  void quorum(QuorumView view);

  /**
   * Corosync cannot be used, or not any more; the last call.
   *
   * @param cause a {@link io.sheepdog.nativebindings.CorosyncException}, a {@link
   *     io.sheepdog.nativebindings.MissingLibraryException}, or what the listener has thrown
   */
  void lost(Exception cause);
}
