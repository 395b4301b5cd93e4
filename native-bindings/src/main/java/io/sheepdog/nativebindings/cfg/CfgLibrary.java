package io.sheepdog.nativebindings.cfg;

import com.sun.jna.Library;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import org.jspecify.annotations.Nullable;

/** corosync/cfg.h. All functions return {@code cs_error_t}. */
interface CfgLibrary extends Library {
  String NAME = "libcfg.so.7";
  String DEBIAN_PACKAGE = "libcfg7";

  /** {@code CFG_MAX_LINKS}: addresses of one node at most. */
  int CFG_MAX_LINKS = 8;

  /** Bytes of a {@code corosync_cfg_node_address_t}: an int and a {@code struct sockaddr_in6}. */
  int NODE_ADDRESS_BYTES = 32;

  /** Where in it the socket address begins. */
  int ADDRESS_OFFSET = 4;

  /**
   * @param callbacks null for none
   */
  int corosync_cfg_initialize(LongByReference handle, @Nullable Pointer callbacks);

  int corosync_cfg_finalize(long handle);

  int corosync_cfg_local_get(long handle, IntByReference localNodeid);

  int corosync_cfg_get_node_addrs(
      long handle, int nodeid, NativeLong maxAddrs, IntByReference numAddrs, Pointer addrs);
}
