package io.sheepdog.cli.copy;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi import}: makes an image of a raw file or of what comes from a pipe. Zeros take no
 * space. An import that does not come to its end leaves nothing behind.
 */
public final class VdiImportCommand extends ToolCommand {
  private static final String STANDARD_INPUT = "-";

  /** What an image begins with whose size is not known. */
  private static final long FIRST_SIZE = 64L << 20;

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "FILE")
  private String file = STANDARD_INPUT;

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "number of replicas, 1 to 31 (default: as the cluster was formatted)")
  private @Nullable String copies;

  @Option(
      names = {"-z", "--block_size_shift"},
      paramLabel = "SHIFT",
      description = "object size as a power of two, 20 to 31 (default: as formatted)")
  private @Nullable String shift;

  @Option(
      names = {"--size"},
      paramLabel = "SIZE",
      description = "size of the image, if it shall be larger than what is read")
  private @Nullable String size;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    Profile profile = invocation.profile();
    Layout.copies(copies, profile);
    Layout.shift(shift);
    least(profile);
    if (file.equals(STANDARD_INPUT) && invocation.console().inputIsTerminal()) {
      throw new CommandFailure(
          profile.usageExit(), "Standard input is a terminal: name a FILE, or redirect the input");
    }
  }

  private long least(Profile profile) throws CommandFailure {
    try {
      return size == null ? 0 : Sizes.parse(size);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(profile.usageExit(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Profile profile = invocation.profile();
    boolean isFile = !file.equals(STANDARD_INPUT) && Files.isRegularFile(Path.of(file));
    try (InputStream in =
        file.equals(STANDARD_INPUT)
            ? invocation.console().in()
            : Files.newInputStream(Path.of(file))) {
      long known = isFile ? Files.size(Path.of(file)) : 0;
      long first = Math.max(least(profile), isFile ? known : FIRST_SIZE);
      NewImage image =
          NewImage.create(
              remote,
              name,
              first,
              Layout.copies(copies, profile),
              Layout.shift(shift),
              "Failed to create VDI " + name);
      try (Unfinished unfinished =
          new Unfinished(remote, invocation.console().err(), name, image.inode().vdiId())) {
        long read = copy(in, image, progress(invocation.console(), profile, known));
        if (read == 0 && size == null) {
          throw new CommandFailure(1, "There is nothing to import: " + what() + " is empty");
        }
        image.finish(Math.max(read, least(profile)));
        unfinished.done();
      }
    } catch (IOException e) {
      throw new CommandFailure(
          profile.systemExit(), "Cannot read " + what() + ": " + Words.orName(e));
    }
    return 0;
  }

  private String what() {
    return file.equals(STANDARD_INPUT) ? "standard input" : file;
  }

  /** Nothing is shown of what has no known end. */
  private static @Nullable Progress progress(Console console, Profile profile, long total) {
    return total == 0 ? null : new Progress(console, profile, total);
  }

  private static long copy(InputStream in, NewImage image, @Nullable Progress progress)
      throws IOException, CommandFailure {
    long at = 0;
    while (true) {
      // a new one each time: it is kept until it was sent
      byte[] chunk = new byte[ImageData.PIECE];
      int count = in.readNBytes(chunk, 0, chunk.length);
      if (count == 0) {
        break;
      }
      if (!Zeros.all(chunk, 0, count)) {
        image.write(at, chunk, 0, count);
      }
      at += count;
      if (progress != null) {
        progress.add(count);
      }
    }
    if (progress != null) {
      progress.finish();
    }
    return at;
  }
}
