package io.sheepdog.daemon;

import io.sheepdog.nativebindings.MissingLibraryException;
import io.sheepdog.nativebindings.systemd.ServiceManager;
import java.io.IOException;
import java.util.Map;

/**
 * Tells systemd, if it started the daemon, that the node is ready and that it ends (sd_notify(3)).
 * Ready means the same as for the launcher: it answers requests, or waits for a format or for
 * members. Used by the main thread. What cannot be told is logged; the node serves all the same.
 */
final class ServiceNotice {
  /** Does not grow old as the state of a cluster would. */
  private static final String STATUS =
      "member of the cluster; \"collie cluster info\" shows how it is";

  private final ServiceManager manager;

  ServiceNotice(ServiceManager manager) {
    this.manager = manager;
  }

  /**
   * Finds the one that started this process.
   *
   * @throws StartException if it waits to be told, which takes a library that is missing
   */
  static ServiceNotice of(Map<String, String> environment) throws StartException {
    try {
      return new ServiceNotice(ServiceManager.of(environment));
    } catch (MissingLibraryException e) {
      throw new StartException("systemd waits to be told of the start, but " + e.getMessage(), e);
    }
  }

  /** The start is complete. */
  void ready() {
    tell(() -> manager.ready(ProcessHandle.current().pid(), STATUS));
  }

  /** The end has begun. */
  void stopping() {
    tell(manager::stopping);
  }

  private static void tell(Message message) {
    try {
      message.send();
    } catch (IOException e) {
      DaemonEvent.NO_SERVICE_MANAGER.log("reason=\"{}\"", e.getMessage());
    }
  }

  private interface Message {
    void send() throws IOException;
  }
}
