package io.sheepdog.nativebindings.cmap;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.LargeStack;
import io.sheepdog.nativebindings.NativeLibraries;
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
    return LargeStack.call("corosync-cmap", TotemTimes::ask);
  }

  private static TotemTimes ask() throws CorosyncException {
    CmapLibrary library =
        NativeLibraries.load(CmapLibrary.class, CmapLibrary.NAME, CmapLibrary.DEBIAN_PACKAGE);
    LongByReference handle = new LongByReference();
    CorosyncException.check("cmap_initialize", library.cmap_initialize(handle));
    try {
      return new TotemTimes(
          millis(library, handle.getValue(), TOKEN), millis(library, handle.getValue(), CONSENSUS));
    } finally {
      library.cmap_finalize(handle.getValue());
    }
  }

  private static Duration millis(CmapLibrary library, long handle, String key)
      throws CorosyncException {
    IntByReference value = new IntByReference();
    CorosyncException.check(
        "cmap_get_uint32(" + key + ")", library.cmap_get_uint32(handle, key, value));
    return Duration.ofMillis(Integer.toUnsignedLong(value.getValue()));
  }

  /** How long it takes at most from the last sign of a node to the ring without it. */
  public Duration detectionBound() {
    return token.plus(consensus);
  }
}
