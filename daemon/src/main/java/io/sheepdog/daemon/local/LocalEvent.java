package io.sheepdog.daemon.local;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the local driver writes to the log: one line per event, {@code event=NAME key=value ...}.
 */
enum LocalEvent {
  /** This process joined. Nothing to do. */
  LOCAL_JOINED(Level.INFO),
  /** This process left. Nothing to do. */
  LOCAL_LEFT(Level.INFO),
  /**
   * A member's process died; this process was the first to notice. Operator: look why, start it
   * again.
   */
  LOCAL_MEMBER_DIED(Level.WARN),
  /** No inotify: events are noticed every 50 ms. Operator: raise fs.inotify.max_user_instances. */
  LOCAL_WATCH_UNAVAILABLE(Level.WARN),
  /** The driver cannot go on and the daemon stops serving. Operator: the reason says what to do. */
  LOCAL_FAILED(Level.ERROR);

  private static final Logger LOG = LoggerFactory.getLogger("io.sheepdog.daemon.local");

  private final Level level;

  LocalEvent(Level level) {
    this.level = level;
  }

  /** Logs this event; {@code keyValues} is a slf4j message of {@code key={}} pairs. */
  void log(String keyValues, Object... values) {
    LOG.atLevel(level).log("event=" + name() + " " + keyValues, values);
  }
}
