package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.MissingLibraryException;
import io.sheepdog.nativebindings.cfg.NodeAddresses;
import io.sheepdog.nativebindings.cmap.NodeList;
import io.sheepdog.nativebindings.cmap.QuorumOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The corosync of this host, asked without joining anything. */
public final class CorosyncHost {
  /**
   * {@code /usr/sbin/corosync} returns when it has forked, and answers when it has formed a ring:
   * on a busy host a minute later.
   */
  private static final Duration STARTING = Duration.ofMinutes(3);

  /** Without any process of that name, it may be about to be started. */
  private static final Duration ABSENT = Duration.ofSeconds(5);

  private CorosyncHost() {}

  /**
   * Corosync cannot be used now; the message is a sentence for the operator: what, why, what to do.
   */
  public static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Duration patience;

    UnavailableException(String message, Throwable cause, Duration patience) {
      super(message, cause);
      this.patience = patience;
    }

    /** Whether nobody answered: corosync does not run, or not yet. */
    public boolean isSilence() {
      return !patience.isZero();
    }

    /** For how long it is worth asking again, from the first time on. */
    public Duration patience() {
      return patience;
    }
  }

  /**
   * The address by which corosync knows this node, that of its first link. Waits for the answer of
   * the local corosync.
   */
  public static InetAddress address() throws UnavailableException {
    return address(NodeAddresses.NATIVE, CorosyncHost::runs);
  }

  static InetAddress address(NodeAddresses addresses, BooleanSupplier runs)
      throws UnavailableException {
    String user = System.getProperty("user.name", "");
    try {
      List<InetAddress> known = addresses.ofThisNode();
      if (known.isEmpty()) {
        throw new UnavailableException(
            "corosync knows no address of this node; see the nodelist in /etc/corosync/corosync.conf",
            new IllegalStateException("no address"),
            Duration.ZERO);
      }
      return known.get(0);
    } catch (CorosyncException | MissingLibraryException e) {
      Duration patience = CorosyncTrouble.isSilence(e) ? patience(runs) : Duration.ZERO;
      throw new UnavailableException(CorosyncTrouble.sentence(e, user), e, patience);
    }
  }

  /**
   * How many nodes corosync.conf names, 0 if that cannot be found out: it is only told to people.
   */
  public static int configuredNodes() {
    try {
      return NodeList.sizeInConfiguration();
    } catch (CorosyncException | MissingLibraryException e) {
      return 0;
    }
  }

  /**
   * Whether of two parts of the cluster one at most can have quorum, as the running corosync is
   * configured now; false if it does not say.
   */
  static boolean hasStrictQuorum() {
    try {
      return QuorumOptions.ofThisNode().isStrict();
    } catch (CorosyncException | MissingLibraryException e) {
      return false;
    }
  }

  private static Duration patience(BooleanSupplier runs) {
    return runs.getAsBoolean() ? STARTING : ABSENT;
  }

  private static boolean runs() {
    return ProcessHandle.allProcesses().anyMatch(CorosyncHost::isCorosync);
  }

  private static boolean isCorosync(ProcessHandle process) {
    try {
      Path name = Path.of("/proc", Long.toString(process.pid()), "comm");
      return Files.readString(name).equals("corosync\n");
    } catch (IOException hasEnded) {
      return false;
    }
  }
}
