package io.sheepdog.nativebindings.cmap;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.ByteByReference;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import org.jspecify.annotations.Nullable;

/** corosync/cmap.h. All functions return {@code cs_error_t}. */
interface CmapLibrary extends Library {
  String NAME = "libcmap.so.4";
  String DEBIAN_PACKAGE = "libcmap4";

  int cmap_initialize(LongByReference handle);

  int cmap_finalize(long handle);

  /**
   * With a null value, only the length and the type.
   *
   * @param valueLength {@code size_t *}, as wide as a long on the platforms that corosync has
   */
  int cmap_get(
      long handle,
      String keyName,
      @Nullable Pointer value,
      LongByReference valueLength,
      IntByReference type);

  int cmap_get_uint32(long handle, String keyName, IntByReference u32);

  int cmap_get_uint8(long handle, String keyName, ByteByReference u8);
}
