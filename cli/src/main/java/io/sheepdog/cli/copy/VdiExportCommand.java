package io.sheepdog.cli.copy;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi export}: the contents of an image as a raw file with holes, or to a pipe. Only what
 * was written is read.
 */
public final class VdiExportCommand extends ToolCommand {
  private static final String STANDARD_OUTPUT = "-";

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "FILE")
  private String file = STANDARD_OUTPUT;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "this snapshot (tag or number) instead of the working image")
  private @Nullable String snapshot;

  @Option(
      names = {"-f", "--force"},
      description = "overwrite FILE if it exists")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
    int usageExit = invocation.profile().usageExit();
    if (file.equals(STANDARD_OUTPUT) && invocation.console().outputIsTerminal()) {
      throw new CommandFailure(
          usageExit, "Standard output is a terminal: name a FILE, or redirect the output");
    }
    if (!file.equals(STANDARD_OUTPUT) && !force && Files.isRegularFile(Path.of(file))) {
      throw new CommandFailure(usageExit, file + " exists; -f overwrites it");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, snapshot == null ? null : Snapshot.parse(snapshot));
    ImageData data = ImageData.of(inode, vdis.index(inode));
    try (RawTarget target = target(invocation.console(), inode.vdiSize())) {
      Progress progress = new Progress(invocation.console(), invocation.profile(), data.length());
      byte[] chunk = new byte[ImageData.PIECE];
      data.read(
          remote,
          (piece, bytes) -> {
            bytes.readBytes(chunk, 0, piece.length());
            try {
              target.write(piece.at(), chunk, piece.length());
            } catch (IOException e) {
              throw failed(invocation, e);
            }
            if (!file.equals(STANDARD_OUTPUT)) {
              progress.add(piece.length());
            }
          });
      target.finish();
      if (!file.equals(STANDARD_OUTPUT)) {
        progress.finish();
      }
      return 0;
    } catch (IOException e) {
      throw failed(invocation, e);
    }
  }

  private CommandFailure failed(Invocation invocation, IOException e) {
    return new CommandFailure(
        invocation.profile().systemExit(), "Cannot write " + file + ": " + Words.orName(e));
  }

  private RawTarget target(Console console, long size) throws IOException {
    if (file.equals(STANDARD_OUTPUT)) {
      return new RawTarget.Stream(console.out(), size);
    }
    Path path = Path.of(file);
    return Files.exists(path) && !Files.isRegularFile(path)
        ? new RawTarget.Stream(new FileOutputStream(path.toFile()), size)
        : new RawTarget.SparseFile(path, size);
  }
}
