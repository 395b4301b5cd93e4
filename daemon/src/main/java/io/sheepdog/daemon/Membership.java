package io.sheepdog.daemon;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.corosync.CorosyncClusterDriver;
import io.sheepdog.daemon.corosync.CorosyncHost;
import io.sheepdog.daemon.local.LocalClusterDriver;
import io.sheepdog.daemon.local.LocalDirectory;
import io.sheepdog.daemon.options.SheepOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The cluster driver that {@code -c} names.
 *
 * @param driver has not joined yet
 * @param end of its membership
 * @param address by which it knows this node
 * @param canRejoin whether a membership that was lost can be had again
 */
record Membership(ClusterDriver driver, End end, InetAddress address, boolean canRejoin) {
  /** Waits for the end of a membership. */
  interface End {
    /** False if it took longer. */
    boolean await(Duration limit) throws InterruptedException;
  }

  /**
   * Makes the driver.
   *
   * @param absence is told what the driver waits for
   * @throws StartException if what it needs is missing
   * @throws CorosyncHost.UnavailableException if corosync cannot be used now
   */
  static Membership of(SheepOptions options, Executor coreLoop, Absence absence)
      throws StartException, CorosyncHost.UnavailableException {
    return switch (options.cluster().driver()) {
      case LOCAL -> local(options, coreLoop);
      case COROSYNC -> {
        InetAddress address = CorosyncHost.address();
        CorosyncClusterDriver driver =
            new CorosyncClusterDriver(coreLoop, absence::because, CorosyncHost.configuredNodes());
        yield new Membership(driver, driver::awaitEnd, address, true);
      }
    };
  }

  private static Membership local(SheepOptions options, Executor coreLoop) throws StartException {
    try {
      LocalClusterDriver driver =
          new LocalClusterDriver(
              LocalDirectory.of(options.cluster().toString(), System.getenv()), coreLoop);
      return new Membership(driver, driver::awaitEnd, InetAddress.getLoopbackAddress(), false);
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
