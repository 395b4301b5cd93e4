package io.sheepdog.nativebindings.cmap;

import com.sun.jna.Library;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;

/** corosync/cmap.h. All functions return {@code cs_error_t}. */
interface CmapLibrary extends Library {
  String NAME = "libcmap.so.4";
  String DEBIAN_PACKAGE = "libcmap4";

  int cmap_initialize(LongByReference handle);

  int cmap_finalize(long handle);

  int cmap_get_uint32(long handle, String keyName, IntByReference u32);
}
