package io.sheepdog.daemon.logging;

import java.io.IOException;

/** Where lines go. Used by the writing thread only. */
interface LineSink {
  /** Writes whole lines. */
  void write(byte[] lines) throws IOException;

  /** Starts a new file, where there is one. */
  void rotate() throws IOException;

  void close() throws IOException;
}
