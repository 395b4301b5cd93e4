package io.sheepdog.core;

/** What administrators may ask of the process that a node lives in. Called on the core loop. */
public interface NodeControl {
  /** {@code node kill}: the process is to end as on SIGTERM, after the reply has gone out. */
  void kill();

  /** Current log level, 0 (emergency) to 7 (debug). */
  int logLevel();

  /** Changes the log level, 0..7. */
  void setLogLevel(int level);

  /** Directory of the objects; absolute. */
  String objectDirectory();
}
