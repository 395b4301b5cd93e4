package io.sheepdog.daemon.nbd;

import io.sheepdog.daemon.net.Complaints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the NBD server writes to the log: one line per event, {@code event=NAME key=value ...}. */
public enum NbdEvent implements Complaints.Line {
  /** The server listens. Nothing to do. */
  NBD_LISTENING(Level.INFO),
  /**
   * The address cannot be used; clients on this host use the socket. Operator: choose another one
   * with --nbd, or --nbd off.
   */
  NBD_NOT_LISTENING(Level.WARN),
  /**
   * Everybody who reaches this address can read and write all VDIs. Operator: give certificates, or
   * listen on a loopback address.
   */
  NBD_UNPROTECTED(Level.WARN),
  /** The store's path is too long for nbd.sock. Operator: choose a shorter one if it is needed. */
  NBD_NO_UNIX_SOCKET(Level.WARN),
  /** A connection was accepted. Nothing to do. */
  NBD_CONNECTED(Level.DEBUG),
  /** A connection ended. Nothing to do. */
  NBD_DISCONNECTED(Level.DEBUG),
  /** A client opened an export. Nothing to do. */
  NBD_OPENED(Level.INFO),
  /** A client's export is closed. Nothing to do. */
  NBD_CLOSED(Level.INFO),
  /** A client could not open an export. Operator: the reason says why. */
  NBD_REFUSED(Level.INFO),
  /**
   * Something that does not speak the protocol connected. Operator: see which program at that
   * address does it.
   */
  NBD_BAD_CLIENT(Level.WARN),
  /** A client could not prove who it is. Operator: see whether it should be let in. */
  NBD_TLS_FAILED(Level.WARN),
  /**
   * So many connections are open that a new one was refused. Operator: look for a program that
   * leaks connections, or spread the clients over more nodes.
   */
  NBD_TOO_MANY_CONNECTIONS(Level.WARN),
  /**
   * A client left bytes lying that others waited for, and was cut: it did not send a payload that
   * it had announced, or did not read its replies. Operator: see what that program does.
   */
  NBD_CLIENT_STALLED(Level.WARN),
  /**
   * The reply to a request could not be made, for instance for want of memory, and the connection
   * was cut; the client may connect again. A bug: please report it with this line.
   */
  NBD_UNANSWERED(Level.ERROR),
  /** A request failed and was answered with an error. Operator: the result says why. */
  NBD_REQUEST_FAILED(Level.WARN),
  /** Accepting a connection failed. Operator: raise the limit of open files. */
  NBD_ACCEPT_FAILED(Level.ERROR);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon.nbd");

  private final Level level;

  NbdEvent(Level level) {
    this.level = level;
  }

  @Override
  public void log(String keyValues, @Nullable Object... values) {
    if (LOG.isEnabledForLevel(level)) {
      LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
    }
  }
}
