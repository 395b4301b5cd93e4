package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi write}: spec/cli-dog-1.0.md section 2.10, without its quirk of zeroing the rest of the
 * last object. The first write takes the image's lock; it is given back at the end.
 */
public final class VdiWriteCommand extends ToolCommand {
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
      description = "at most so many bytes (default: up to the end of the input or of the image)")
  private @Nullable String length;

  @Option(
      names = {"-w", "--writeback"},
      description = "let the nodes keep the data in memory until the end, then flush once")
  private boolean writeback;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, null);
    ByteSpan span = ByteSpan.parse(offset, length, inode.vdiSize(), invocation.profile());
    ImageWriter writer = new ImageWriter(remote, vdis, inode, writeback);
    try {
      copy(invocation.console().in(), span, writer);
      writer.flush();
    } finally {
      if (writer.hasWritten()) {
        Response released = remote.ask(Opcode.RELEASE_VDI, VdiBody.release(writer.inode().vdiId()));
        if (!released.isSuccess()) {
          invocation
              .console()
              .err()
              .println("cannot release the lock of " + name + ": " + remote.text(released));
        }
      }
    }
    return 0;
  }

  private static void copy(InputStream in, ByteSpan span, ImageWriter writer)
      throws CommandFailure {
    byte[] chunk = new byte[CHUNK];
    for (long at = span.offset(); at < span.end(); ) {
      int room = (int) Math.min(writer.roomAt(at), Math.min(CHUNK, span.end() - at));
      int count = read(in, chunk, room);
      if (count == 0) {
        return;
      }
      ByteBuf bytes = Unpooled.wrappedBuffer(chunk, 0, count);
      writer.write(at, bytes);
      at += count;
    }
  }

  private static int read(InputStream in, byte[] chunk, int room) throws CommandFailure {
    try {
      return in.readNBytes(chunk, 0, room);
    } catch (IOException e) {
      throw new CommandFailure(2, "Failed to read from standard input: " + e.getMessage());
    }
  }
}
