package io.sheepdog.nativebindings.systemd;

import io.sheepdog.nativebindings.NativeLibraries;
import java.io.IOException;
import java.util.Map;

/** The service manager that started this process, if one did: sd_notify(3). */
public interface ServiceManager {
  /** The variable by which systemd says where it listens. */
  String NOTIFY_SOCKET = "NOTIFY_SOCKET";

  /**
   * Sends variable assignments.
   *
   * @param state one a line, such as {@code READY=1}
   * @throws IOException if systemd asked to be told and cannot be
   */
  void tell(String state) throws IOException;

  /** The start is complete, and {@code processId} is the one to watch. */
  default void ready(long processId, String status) throws IOException {
    tell("READY=1\nMAINPID=" + processId + "\nSTATUS=" + oneLine(status));
  }

  /** What to show in {@code systemctl status}. */
  default void status(String status) throws IOException {
    tell("STATUS=" + oneLine(status));
  }

  /** The end has begun. */
  default void stopping() throws IOException {
    tell("STOPPING=1");
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ');
  }

  /**
   * The one that started this process; one that nobody listens to if none did.
   *
   * @param environment of this process
   * @throws io.sheepdog.nativebindings.MissingLibraryException if systemd started it and
   *     libsystemd0 is missing
   */
  static ServiceManager of(Map<String, String> environment) {
    if (!environment.containsKey(NOTIFY_SOCKET)) {
      return state -> {};
    }
    SystemdLibrary library =
        NativeLibraries.load(
            SystemdLibrary.class, SystemdLibrary.NAME, SystemdLibrary.DEBIAN_PACKAGE);
    return state -> {
      int result = library.sd_notify(0, state);
      if (result < 0) {
        throw new IOException("sd_notify failed with errno " + -result);
      }
    };
  }
}
