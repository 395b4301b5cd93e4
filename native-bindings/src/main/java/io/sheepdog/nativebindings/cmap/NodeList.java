package io.sheepdog.nativebindings.cmap;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.LargeStack;
import io.sheepdog.nativebindings.NativeLibraries;

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
    return LargeStack.call("corosync-cmap", NodeList::ask);
  }

  private static int ask() throws CorosyncException {
    CmapLibrary library =
        NativeLibraries.load(CmapLibrary.class, CmapLibrary.NAME, CmapLibrary.DEBIAN_PACKAGE);
    LongByReference handle = new LongByReference();
    CorosyncException.check("cmap_initialize", library.cmap_initialize(handle));
    try {
      int nodes = 0;
      while (nodes < MAX_NODES && exists(library, handle.getValue(), nodes)) {
        nodes++;
      }
      return nodes;
    } finally {
      library.cmap_finalize(handle.getValue());
    }
  }

  private static boolean exists(CmapLibrary library, long handle, int position)
      throws CorosyncException {
    String key = "nodelist.node." + position + ".ring0_addr";
    int error = library.cmap_get(handle, key, null, new LongByReference(), new IntByReference());
    if (error == CsError.CS_ERR_NOT_EXIST.code()) {
      return false;
    }
    CorosyncException.check("cmap_get(" + key + ")", error);
    return true;
  }
}
