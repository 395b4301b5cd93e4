package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi write}: spec/cli-dog-1.0.md section 2.10, without its quirk of zeroing the rest of the
 * last object. The first write takes the image's lock, unless a client of this host holds it; it
 * ends with the connection.
 */
public final class VdiWriteCommand extends ToolCommand {
  private static final int CHUNK = 4 << 20;

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "OFFSET")
  private @Nullable String offset;

  @Parameters(index = "2", arity = "0..1", paramLabel = "LEN")
  private @Nullable String length;

  @Option(
      names = {"-w", "--writeback"},
      description = "let the nodes keep the data in memory until the end, then flush once")
  private boolean writeback;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    ByteSpan.parse(offset, length, Long.MAX_VALUE, invocation.profile());
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, null);
    ByteSpan span = ByteSpan.parse(offset, length, inode.vdiSize(), invocation.profile());
    Console console = invocation.console();
    if (console.inputIsTerminal()) {
      console.err().println("reading from the terminal; Ctrl-D ends the input");
      console.err().flush();
    }
    ImageWriter writer = new ImageWriter(remote, vdis, inode, writeback);
    copy(console.in(), span, writer, invocation.profile());
    writer.flush();
    return 0;
  }

  private static void copy(InputStream in, ByteSpan span, ImageWriter writer, Profile profile)
      throws CommandFailure {
    byte[] chunk = new byte[CHUNK];
    for (long at = span.offset(); at < span.end(); ) {
      int room = (int) Math.min(writer.roomAt(at), Math.min(CHUNK, span.end() - at));
      int count = read(in, chunk, room, profile);
      if (count == 0) {
        return;
      }
      ByteBuf bytes = Unpooled.wrappedBuffer(chunk, 0, count);
      writer.write(at, bytes);
      at += count;
    }
  }

  private static int read(InputStream in, byte[] chunk, int room, Profile profile)
      throws CommandFailure {
    try {
      return in.readNBytes(chunk, 0, room);
    } catch (IOException e) {
      throw new CommandFailure(
          profile.systemExit(), "Failed to read from standard input: " + Words.orName(e));
    }
  }
}
