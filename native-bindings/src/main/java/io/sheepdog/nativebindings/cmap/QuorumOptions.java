package io.sheepdog.nativebindings.cmap;

import io.sheepdog.nativebindings.CorosyncException;

/**
 * Options of the running votequorum (votequorum(5)) with which two parts of a cluster can have
 * quorum at the same time.
 *
 * @param twoNode either of two nodes goes on alone
 * @param lastManStanding what is needed shrinks after a loss
 * @param allowDownscale what is needed shrinks after an orderly leave
 * @param autoTieBreaker one of two halves goes on; which one, each node's file says for itself
 */
public record QuorumOptions(
    boolean twoNode, boolean lastManStanding, boolean allowDownscale, boolean autoTieBreaker) {
  /**
   * Those of the corosync of this node.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not running; CS_ERR_ACCESS: not
   *     allowed
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libcmap4
   */
  public static QuorumOptions ofThisNode() throws CorosyncException {
    return CmapSession.visit(
        cmap ->
            new QuorumOptions(
                // what is in force, and what the file says: it may have been loaded again
                cmap.isOn("runtime.votequorum.two_node") || cmap.isOn("quorum.two_node"),
                cmap.isOn("quorum.last_man_standing"),
                cmap.isOn("quorum.allow_downscale"),
                cmap.isOn("quorum.auto_tie_breaker")));
  }

  /** Whether at most one part can have quorum. */
  public boolean isStrict() {
    return !twoNode && !lastManStanding && !allowDownscale && !autoTieBreaker;
  }
}
