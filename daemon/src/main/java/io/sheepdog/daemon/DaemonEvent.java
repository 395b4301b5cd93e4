package io.sheepdog.daemon;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the life cycle of the daemon writes to the log: one line per event, {@code event=NAME
 * key=value ...}.
 */
enum DaemonEvent {
  /** The daemon begins to join. Nothing to do. */
  JOINING(Level.DEBUG),
  /** The daemon is a member and answers requests. Nothing to do. */
  STARTED(Level.INFO),
  /** The daemon could not start. Operator: the reason says what to do. */
  START_FAILED(Level.ERROR),
  /** The cluster waits, for a format or for members. Operator: format it, or start those nodes. */
  WAITING(Level.INFO),
  /** The cluster's status changed. Nothing to do. */
  STATUS(Level.INFO),
  /** The membership changed. Operator: see whether the nodes that are gone were meant to go. */
  EPOCH(Level.INFO),
  /**
   * The members changed: objects that belong here now are fetched, others go. Operator: {@code
   * collie node recovery} shows how far it is.
   */
  RECOVERY_BEGINS(Level.INFO),
  /**
   * So many nodes are away that some objects may be on none that is here. What was set aside is
   * kept. Operator: start sheep on those nodes again, with their stores.
   */
  RECOVERY_WAITS(Level.WARN),
  /**
   * 90 % of this node's disk are used: recovery brings no more objects there, and some have fewer
   * copies than they should. Clients are served. Operator: delete VDIs, add nodes or a larger disk.
   */
  RECOVERY_HELD_BACK(Level.WARN),
  /** There is room again. Nothing to do. */
  RECOVERY_GOES_ON(Level.INFO),
  /** This node holds all that belongs on it. Nothing to do. */
  RECOVERY_DONE_HERE(Level.INFO),
  /** All nodes do: as many of them as there are copies, less one, may be lost. Nothing to do. */
  RECOVERY_COMPLETE(Level.INFO),
  /** Somebody asked the daemon to stop. Nothing to do. */
  STOPPING(Level.INFO),
  /**
   * Requests did not end in time; their clients see the connection close. Operator: see which nodes
   * did not answer.
   */
  STOPPED_WITH_REQUESTS(Level.WARN),
  /** The daemon has ended. Nothing to do. */
  SHUTDOWN(Level.INFO),
  /**
   * Something did not end cleanly. Operator: the reason says what; the store is consistent all the
   * same.
   */
  STOP_FAILED(Level.ERROR),
  /**
   * systemd waits to be told how far the daemon is and cannot be. Operator: if it stops the daemon
   * for that, the reason says what to put right.
   */
  NO_SERVICE_MANAGER(Level.ERROR),
  /**
   * The node gave up its membership and serves nothing; see the next events for whether it joins
   * again. Operator: the reason says what to do.
   */
  NODE_FAILED(Level.ERROR),
  /** The daemon joins again by itself, as a new incarnation of the node. Nothing to do. */
  JOINING_AGAIN(Level.WARN),
  /** Corosync cannot be used; the daemon waits for it. Operator: the reason says what to do. */
  WAITING_FOR_COROSYNC(Level.ERROR),
  /** What is wrong with the configuration of a corosync that does not answer. Operator: mend it. */
  COROSYNC_CONF(Level.ERROR),
  /**
   * The cluster did not take the node in; the daemon ends. Operator: the reason says what to do.
   */
  REFUSED(Level.ERROR),
  /** Something an operator may want to know. */
  WARNING(Level.WARN),
  /**
   * A bug: an unexpected exception on the core loop; the daemon ends rather than go on half alive.
   * Please report it.
   */
  CORE_LOOP_FAILED(Level.ERROR),
  /**
   * The store's path is too long for a Unix socket in it; clients use TCP. Operator: choose a
   * shorter path if you need the socket.
   */
  NO_UNIX_SOCKET(Level.WARN),
  /** The log level was changed by an administrator. Nothing to do. */
  LOG_LEVEL(Level.INFO);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon");

  private final Level level;

  DaemonEvent(Level level) {
    this.level = level;
  }

  /** Logs this event; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
  void log(String keyValues, @Nullable Object... values) {
    LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
  }
}
