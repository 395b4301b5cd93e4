package io.sheepdog.nativebindings.systemd;

import com.sun.jna.Library;

/** systemd/sd-daemon.h. */
interface SystemdLibrary extends Library {
  String NAME = "libsystemd.so.0";
  String DEBIAN_PACKAGE = "libsystemd0";

  /** Positive: sent; 0: nobody asked; negative: -errno. */
  int sd_notify(int unsetEnvironment, String state);
}
