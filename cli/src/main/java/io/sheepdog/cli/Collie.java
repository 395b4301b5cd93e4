package io.sheepdog.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
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
    Profile profile =
        "dog".equals(System.getProperty("sheepdog.cli.name")) ? Profile.DOG : Profile.COLLIE;
    String terminals = System.getProperty("sheepdog.cli.terminals", "");
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    Console console =
        new Console(System.in, out, err, terminals.contains("i"), terminals.contains("o"));
    int code = new CommandRunner(profile, console).run(args);
    out.flush();
    boolean lost = out.checkError();
    err.flush();
    // a reader that went away (head, less) has seen what it wanted; anything else it should know of
    System.exit(lost && code == 0 ? 1 : code);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        false,
        StandardCharsets.UTF_8);
  }
}
