package io.sheepdog.daemon.net;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the sockets write to the log: one line per event, {@code event=NAME key=value ...}. */
enum NetEvent implements Complaints.Line {
  /** A server listens. Nothing to do. */
  LISTENING(Level.INFO),
  /** A connection was accepted. Nothing to do. */
  CONNECTED(Level.DEBUG),
  /** A connection ended. Nothing to do. */
  DISCONNECTED(Level.DEBUG),
  /**
   * Something that does not speak the protocol connected. Operator: see which program at that
   * address does it.
   */
  BAD_FRAME(Level.WARN),
  /**
   * So many connections are open that a new one was closed at once. Operator: look for a program
   * that leaks connections, or spread the clients over more nodes.
   */
  TOO_MANY_CONNECTIONS(Level.WARN),
  /**
   * A reply broke the rules of the protocol and was replaced by an error. A bug: please report it
   * with this line.
   */
  BAD_REPLY(Level.ERROR),
  /**
   * A request ended with an unexpected exception and was answered with a system error. A bug:
   * please report it.
   */
  REQUEST_FAILED(Level.ERROR),
  /**
   * A connection broke while it was used. Nothing to do unless it happens often: then look at the
   * network.
   */
  CONNECTION_FAILED(Level.INFO),
  /**
   * A client left bytes lying that others waited for, and was cut: it did not send a payload that
   * it had announced, or did not read its replies. Operator: see what that program does.
   */
  CLIENT_STALLED(Level.WARN),
  /**
   * A request to another daemon got no answer; it is sent again after the next change of
   * membership. Nothing to do.
   */
  PEER_FAILED(Level.DEBUG),
  /**
   * Accepting a connection failed, for instance for want of file descriptors. Operator: raise the
   * limit of open files.
   */
  ACCEPT_FAILED(Level.ERROR),
  /** An administrative request came in. Nothing to do. */
  ADMIN_REQUEST(Level.INFO),
  /** An administrative request was answered. Nothing to do. */
  ADMIN_REPLY(Level.INFO);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon.net");

  private final Level level;

  NetEvent(Level level) {
    this.level = level;
  }

  /** Logs this event; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
  @Override
  public void log(String keyValues, @Nullable Object... values) {
    if (LOG.isEnabledForLevel(level)) {
      LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
    }
  }
}
