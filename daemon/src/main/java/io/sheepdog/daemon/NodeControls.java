package io.sheepdog.daemon;

import io.sheepdog.core.NodeControl;
import io.sheepdog.core.membership.NodeCallbacks;
import io.sheepdog.core.membership.NodeFailure;
import io.sheepdog.daemon.logging.SheepLog;
import io.sheepdog.daemon.options.LogLevel;
import java.util.Objects;

/** What the node may do with its process. On the core loop. */
final class NodeControls implements NodeControl, NodeCallbacks {
  private final StopRequest.Box stop;
  private final SheepLog log;

  NodeControls(StopRequest.Box stop, SheepLog log) {
    this.stop = stop;
    this.log = log;
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
  public void onRefused(String reason) {
    DaemonEvent.REFUSED.log("reason=\"{}\"", reason);
    stop.fail("the cluster refused this node: " + reason);
  }

  @Override
  public void onFailure(NodeFailure failure) {
    DaemonEvent.NODE_FAILED.log("cause={} reason=\"{}\"", failure.cause(), failure.message());
    stop.fail(failure.message());
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
