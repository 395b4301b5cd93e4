package io.sheepdog.daemon;

import io.sheepdog.core.NodeControl;
import io.sheepdog.core.membership.NodeCallbacks;
import io.sheepdog.core.membership.NodeFailure;
import io.sheepdog.daemon.logging.SheepLog;
import io.sheepdog.daemon.options.LogLevel;
import java.nio.file.Path;
import java.util.Objects;

/** What the node may do with its process. On the core loop. */
final class NodeControls implements NodeControl, NodeCallbacks {
  private final StopRequest.Box stop;
  private final SheepLog log;
  private final Path objects;
  private final boolean canRejoin;
  private final Runnable cutClients;

  /**
   * @param objects directory of the objects
   * @param canRejoin whether a node that lost its membership by the cluster driver or for lack of
   *     quorum can get a new one
   * @param cutClients closes all connections, so that no reply leaves any more
   */
  NodeControls(
      StopRequest.Box stop, SheepLog log, Path objects, boolean canRejoin, Runnable cutClients) {
    this.stop = stop;
    this.log = log;
    this.objects = objects;
    this.canRejoin = canRejoin;
    this.cutClients = cutClients;
  }

  @Override
  public void kill() {
    stop.stop("node kill");
  }

  @Override
  public int logLevel() {
    return log.level().ordinal();
  }

  @Override
  public void setLogLevel(int level) {
    LogLevel newLevel =
        Objects.requireNonNull(LogLevel.fromNumber(level), "log level out of range");
    log.setLevel(newLevel);
    DaemonEvent.LOG_LEVEL.log("level={}", newLevel);
  }

  @Override
  public String objectDirectory() {
    return objects.toString();
  }

  @Override
  public void onRefused(String reason) {
    DaemonEvent.REFUSED.log("reason=\"{}\"", reason);
    stop.fail("the cluster refused this node: " + reason);
  }

  @Override
  public void onFailure(NodeFailure failure) {
    DaemonEvent.NODE_FAILED.log("cause={} reason=\"{}\"", failure.cause(), failure.message());
    cutClients.run();
    boolean membership =
        switch (failure.cause()) {
          case DRIVER, QUORUM, EVICTED -> true;
          case DISK, TRANSFER -> false;
        };
    if (membership && (canRejoin || failure.cause() == NodeFailure.Cause.EVICTED)) {
      stop.again(failure.message());
    } else if (membership) {
      stop.fail(failure.message() + "; this node serves nothing until sheep is started again");
    } else {
      stop.fail(failure.message());
    }
  }

  @Override
  public void onShutdown() {
    stop.stop("cluster shutdown");
  }

  @Override
  public void onWarning(String message) {
    DaemonEvent.WARNING.log("reason=\"{}\"", message);
  }
}
