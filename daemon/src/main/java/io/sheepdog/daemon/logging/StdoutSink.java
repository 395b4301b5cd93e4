package io.sheepdog.daemon.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/** Standard output. */
final class StdoutSink implements LineSink {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

  @Override
  public void write(byte[] lines) throws IOException {
    out.write(lines);
  }

  @Override
  public void rotate() {
    // Whoever reads standard output rotates what he keeps of it.
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }
}
