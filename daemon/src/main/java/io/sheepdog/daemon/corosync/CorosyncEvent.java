package io.sheepdog.daemon.corosync;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the corosync driver writes to the log: one line per event, {@code event=NAME key=value ...}.
 */
enum CorosyncEvent {
  /** The driver waits for quorum before it joins. Operator: start the other nodes' corosync. */
  COROSYNC_NO_QUORUM_YET(Level.WARN),
  /**
   * The driver waits for the others to say who the members are. Operator: if this is the last word
   * for long, one of the named processes hangs or is no sheep of this version.
   */
  COROSYNC_GREETED(Level.INFO),
  /** This process is a member. Nothing to do. */
  COROSYNC_JOINED(Level.INFO),
  /** Corosync formed a new ring. Operator: see whether the nodes that are gone were meant to go. */
  COROSYNC_RING(Level.INFO),
  /**
   * Somebody in the group speaks another language. Operator: find the process (node id/process id)
   * and stop it: all sheep of one corosync cluster must be of this product and of versions that
   * agree.
   */
  COROSYNC_STRANGER(Level.WARN),
  /** This process left. Nothing to do. */
  COROSYNC_LEFT(Level.INFO),
  /** The driver cannot go on and the node stops serving. Operator: the reason says what to do. */
  COROSYNC_FAILED(Level.ERROR);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon.corosync");

  private final Level level;

  CorosyncEvent(Level level) {
    this.level = level;
  }

  /** Logs this event; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
  void log(String keyValues, Object... values) {
    LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
  }
}
