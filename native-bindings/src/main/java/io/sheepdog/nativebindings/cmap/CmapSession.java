package io.sheepdog.nativebindings.cmap;

import com.sun.jna.ptr.ByteByReference;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.LargeStack;
import io.sheepdog.nativebindings.NativeLibraries;

/** One visit to the cmap of the corosync of this node. */
final class CmapSession {
  private final CmapLibrary library;
  private final long handle;

  private CmapSession(CmapLibrary library, long handle) {
    this.library = library;
    this.handle = handle;
  }

  /** What is asked in a visit. */
  interface Questions<T> {
    T ask(CmapSession cmap) throws CorosyncException;
  }

  /**
   * Asks the corosync of this node.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not running; CS_ERR_ACCESS: not
   *     allowed
   * @throws io.sheepdog.nativebindings.MissingLibraryException without libcmap4
   */
  static <T> T visit(Questions<T> questions) throws CorosyncException {
    return LargeStack.call("corosync-cmap", () -> visitHere(questions));
  }

  private static <T> T visitHere(Questions<T> questions) throws CorosyncException {
    CmapLibrary library =
        NativeLibraries.load(CmapLibrary.class, CmapLibrary.NAME, CmapLibrary.DEBIAN_PACKAGE);
    LongByReference handle = new LongByReference();
    CorosyncException.check("cmap_initialize", library.cmap_initialize(handle));
    try {
      return questions.ask(new CmapSession(library, handle.getValue()));
    } finally {
      library.cmap_finalize(handle.getValue());
    }
  }

  /** Whether there is such a key, of whatever type. */
  boolean exists(String key) throws CorosyncException {
    int error = library.cmap_get(handle, key, null, new LongByReference(), new IntByReference());
    return isThere("cmap_get", key, error);
  }

  /** A key that there must be, an unsigned number. */
  long unsignedInt(String key) throws CorosyncException {
    IntByReference value = new IntByReference();
    int error = library.cmap_get_uint32(handle, key, value);
    CorosyncException.check("cmap_get_uint32(" + key + ")", error);
    return Integer.toUnsignedLong(value.getValue());
  }

  /** Whether a switch of one byte is there and on. */
  boolean isOn(String key) throws CorosyncException {
    ByteByReference value = new ByteByReference();
    int error = library.cmap_get_uint8(handle, key, value);
    return isThere("cmap_get_uint8", key, error) && value.getValue() != 0;
  }

  private static boolean isThere(String call, String key, int error) throws CorosyncException {
    if (error == CsError.CS_ERR_NOT_EXIST.code()) {
      return false;
    }
    CorosyncException.check(call + "(" + key + ")", error);
    return true;
  }
}
