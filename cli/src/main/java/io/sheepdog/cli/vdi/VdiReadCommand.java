package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import java.io.PrintStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi read}: spec/cli-dog-1.0.md section 2.10. */
public final class VdiReadCommand extends ToolCommand {
  private static final int CHUNK = 4 << 20;

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "OFFSET")
  private @Nullable String offset;

  @Parameters(index = "2", arity = "0..1", paramLabel = "LEN")
  private @Nullable String length;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "read this snapshot (tag or number)")
  private @Nullable String snapshot;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    ByteSpan.parse(offset, length, Long.MAX_VALUE, invocation.profile());
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, snapshot == null ? null : Snapshot.parse(snapshot));
    ByteSpan span = ByteSpan.parse(offset, length, inode.vdiSize(), invocation.profile());
    int[] owners = vdis.index(inode);
    PrintStream out = invocation.console().out();
    byte[] chunk = new byte[CHUNK];
    for (long at = span.offset(); at < span.end(); ) {
      long within = at % inode.objectSize();
      int count = (int) Math.min(Math.min(CHUNK, inode.objectSize() - within), span.end() - at);
      int index = (int) (at / inode.objectSize());
      if (owners[index] == 0) {
        Arrays.fill(chunk, 0, count, (byte) 0);
      } else {
        read(remote, ObjectId.data(new VdiId(owners[index]), index), within, chunk, count);
      }
      out.write(chunk, 0, count);
      if (out.checkError()) {
        // the entry point knows why and says it, unless the reader has had enough
        return 0;
      }
      at += count;
    }
    return 0;
  }

  private static void read(Remote remote, ObjectId oid, long offset, byte[] chunk, int count)
      throws CommandFailure {
    remote.fetch(
        Opcode.READ_OBJ,
        ObjectBody.of(oid, offset),
        count,
        reply -> {
          ByteBuf data = reply.payload();
          if (!reply.header().isSuccess() || data.readableBytes() != count) {
            String why =
                reply.header().isSuccess()
                    ? data.readableBytes() + " bytes came instead of " + count
                    : remote.text(reply.header());
            throw new CommandFailure(
                1, "Failed to read object " + oid + " " + why + "\nFailed to read VDI");
          }
          data.readBytes(chunk, 0, count);
          return count;
        });
  }
}
