package io.sheepdog.nativebindings.cmap;

import io.sheepdog.nativebindings.CorosyncException;

/** The nodelist of the running corosync (cmap_keys(7)). */
public final class NodeList {
  /** More than a corosync ring can have. */
  private static final int MAX_NODES = 4096;

  private NodeList() {}

  /**
   * How many nodes the configuration names, running or not; 0 without a nodelist.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not running; CS_ERR_ACCESS: not
   *     allowed
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libcmap4
   */
  public static int sizeInConfiguration() throws CorosyncException {
    return CmapSession.visit(
        cmap -> {
          int nodes = 0;
          while (nodes < MAX_NODES && cmap.exists("nodelist.node." + nodes + ".ring0_addr")) {
            nodes++;
          }
          return nodes;
        });
  }
}
