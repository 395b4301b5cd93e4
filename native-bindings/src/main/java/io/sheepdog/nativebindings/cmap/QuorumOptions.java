package io.sheepdog.nativebindings.cmap;

import io.sheepdog.nativebindings.CorosyncException;

/**
 * Options of the running votequorum (votequorum(5)) with which two parts of a cluster can have
 * quorum at the same time.
 *
 * @param twoNode either of two nodes goes on alone
 * @param lastManStanding what is needed shrinks after a loss
 * @param allowDownscale what is needed shrinks after an orderly leave
 */
public record QuorumOptions(boolean twoNode, boolean lastManStanding, boolean allowDownscale) {
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
                cmap.isOn("quorum.two_node"),
                cmap.isOn("quorum.last_man_standing"),
                cmap.isOn("quorum.allow_downscale")));
  }

  /** Whether at most one part can have quorum. */
  public boolean isStrict() {
    return !twoNode && !lastManStanding && !allowDownscale;
  }
}
