package io.sheepdog.cli;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Remembers why writing to standard output failed, which {@code PrintStream} forgets. */
final class WatchedOutput extends OutputStream {
  private final OutputStream target;
  private @Nullable IOException failure;

  WatchedOutput(OutputStream target) {
    this.target = target;
  }

  /** The first failure, null if there was none. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Whether the reader of a pipe (head, less) went away: it has seen what it wanted. */
  boolean readerIsGone() {
    String message = failure == null ? null : failure.getMessage();
    return message != null && message.contains("Broken pipe");
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      if (failure == null) {
        failure = e;
      }
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }
}
