package io.sheepdog.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.sheepdog.cli.format.Words;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Entry point. The launcher says under which name it was called ({@code sheepdog.cli.name}) and
 * which of standard input and output are terminals ({@code sheepdog.cli.terminals}: any of {@code
 * i} and {@code o}), which Java 17 cannot find out separately.
 */
public final class Collie {
  private static final int BUFFER = 1 << 16;

  private Collie() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    // nobody reads what Netty logs here, and looking for log4j and java.util.logging takes long
    InternalLoggerFactory.setDefaultFactory(SilentLogger.FACTORY);
    Profile profile =
        "dog".equals(System.getProperty("sheepdog.cli.name")) ? Profile.DOG : Profile.COLLIE;
    String terminals = System.getProperty("sheepdog.cli.terminals", "");
    WatchedOutput watched = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
    PrintStream out = new PrintStream(buffered(watched), false, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(
            buffered(new FileOutputStream(FileDescriptor.err)), false, StandardCharsets.UTF_8);
    Console console =
        new Console(
            System.in,
            out,
            err,
            terminals.indexOf('i') >= 0,
            terminals.indexOf('o') >= 0,
            System.getenv());
    int code = new CommandRunner(profile, console).run(args);
    out.flush();
    IOException failure = watched.failure();
    if (failure != null && code == 0) {
      code = watched.readerIsGone() ? 1 : profile.systemExit();
    }
    if (failure != null && !watched.readerIsGone()) {
      err.println("cannot write to standard output: " + Words.orName(failure));
    }
    err.flush();
    // the connection's selector and the JVM's own threads must not delay the end
    Runtime.getRuntime().halt(code);
  }

  private static BufferedOutputStream buffered(OutputStream stream) {
    return new BufferedOutputStream(stream, BUFFER);
  }
}
