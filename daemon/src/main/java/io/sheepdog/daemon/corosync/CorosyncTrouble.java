package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.MissingLibraryException;

/** Says why corosync cannot be used: what, why, what to do. */
public final class CorosyncTrouble {
  private CorosyncTrouble() {}

  /**
   * A sentence for the operator.
   *
   * @param user the name of the user this process runs as
   */
  public static String sentence(Exception cause, String user) {
    if (cause instanceof CorosyncException exception) {
      if (exception.error() == CsError.CS_ERR_ACCESS) {
        return notAllowed(user);
      }
      if (isSilence(exception)) {
        return "corosync is not running, or stopped answering ("
            + exception.getMessage()
            + "); start it with /usr/sbin/corosync, or use -c local for several sheep on one host";
      }
      return "corosync refused a request: "
          + exception.getMessage()
          + "; see the log of corosync on this node";
    }
    if (cause instanceof MissingLibraryException) {
      return cause.getMessage() + "; or use -c local for several sheep on one host";
    }
    return "unexpected failure in the corosync driver: " + cause;
  }

  /** Whether nobody answered, so that a corosync that starts may answer later. */
  static boolean isSilence(Exception cause) {
    return cause instanceof CorosyncException exception
        && exception.category() != CsError.Category.FAIL;
  }

  private static String notAllowed(String user) {
    return "corosync does not let user "
        + user
        + " in; write the file /etc/corosync/uidgid.d/"
        + user
        + " with the content \"uidgid {\", \"  uid: "
        + user
        + "\", \"}\", one a line, and start corosync again; or run sheep as root";
  }
}
