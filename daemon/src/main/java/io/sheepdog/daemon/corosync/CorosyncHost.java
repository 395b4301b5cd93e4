package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.MissingLibraryException;
import io.sheepdog.nativebindings.cfg.NodeAddresses;
import java.net.InetAddress;
import java.util.List;

/** The corosync of this host, asked without joining anything. */
public final class CorosyncHost {
  private CorosyncHost() {}

  /**
   * Corosync cannot be used now; the message is a sentence for the operator: what, why, what to do.
   */
  public static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The address by which corosync knows this node, that of its first link. Waits for the answer of
   * the local corosync.
   */
  public static InetAddress address() throws UnavailableException {
    return address(NodeAddresses.NATIVE);
  }

  static InetAddress address(NodeAddresses addresses) throws UnavailableException {
    String user = System.getProperty("user.name", "");
    try {
      List<InetAddress> known = addresses.ofThisNode();
      if (known.isEmpty()) {
        throw new UnavailableException(
            "corosync knows no address of this node; see the nodelist in /etc/corosync/corosync.conf",
            new IllegalStateException("no address"));
      }
      return known.get(0);
    } catch (CorosyncException | MissingLibraryException e) {
      throw new UnavailableException(CorosyncTrouble.sentence(e, user), e);
    }
  }
}
