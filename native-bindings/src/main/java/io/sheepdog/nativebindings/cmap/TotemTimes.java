package io.sheepdog.nativebindings.cmap;

import io.sheepdog.nativebindings.CorosyncException;
import java.time.Duration;

/**
 * How long the running corosync takes to notice that a node is gone (corosync.conf(5),
 * cmap_keys(7)).
 *
 * @param token silence after which the token counts as lost; grows with the number of nodes
 * @param consensus how long the others then talk about a new ring
 */
public record TotemTimes(Duration token, Duration consensus) {
  private static final String TOKEN = "runtime.config.totem.token";
  private static final String CONSENSUS = "runtime.config.totem.consensus";

  /**
   * Those of the corosync of this node.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not running; CS_ERR_ACCESS: not
   *     allowed
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libcmap4
   */
  public static TotemTimes ofThisNode() throws CorosyncException {
    return CmapSession.visit(cmap -> new TotemTimes(millis(cmap, TOKEN), millis(cmap, CONSENSUS)));
  }

  private static Duration millis(CmapSession cmap, String key) throws CorosyncException {
    return Duration.ofMillis(cmap.unsignedInt(key));
  }

  /** How long it takes at most from the last sign of a node to the ring without it. */
  public Duration detectionBound() {
    return token.plus(consensus);
  }
}
