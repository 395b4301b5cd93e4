package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi read}: spec/cli-dog-1.0.md section 2.10. */
public final class VdiReadCommand extends ToolCommand {
  private static final int CHUNK = 4 << 20;

  @Parameters(index = "0", paramLabel = "NAME", description = "the image")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OFFSET",
      description = "first byte (default 0)")
  private @Nullable String offset;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "LEN",
      description = "bytes (default: up to the end)")
  private @Nullable String length;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "read this snapshot (tag or number)")
  private @Nullable String snapshot;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, snapshot == null ? null : Snapshot.parse(snapshot));
    ByteSpan span = ByteSpan.parse(offset, length, inode.vdiSize(), invocation.profile());
    int[] owners = vdis.index(inode);
    PrintStream out = invocation.console().out();
    byte[] zeros = new byte[CHUNK];
    for (long at = span.offset(); at < span.end(); ) {
      long within = at % inode.objectSize();
      int count = (int) Math.min(Math.min(CHUNK, inode.objectSize() - within), span.end() - at);
      int index = (int) (at / inode.objectSize());
      if (owners[index] == 0) {
        out.write(zeros, 0, count);
      } else {
        copy(
            vdis.read(
                ObjectId.data(new VdiId(owners[index]), index),
                within,
                count,
                "Failed to read object"),
            out);
      }
      if (out.checkError()) {
        throw new CommandFailure(2, "Failed to write to standard output");
      }
      at += count;
    }
    return 0;
  }

  private static void copy(ByteBuf bytes, PrintStream out) throws CommandFailure {
    try {
      bytes.readBytes(out, bytes.readableBytes());
    } catch (IOException e) {
      throw new CommandFailure(2, "Failed to write to standard output: " + e.getMessage());
    } finally {
      bytes.release();
    }
  }
}
