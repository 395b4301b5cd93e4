package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import java.io.PrintStream;
import java.util.Arrays;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi snapshot}: the working image becomes the snapshot, a new working image with a new vid
 * takes its place (spec/cli-dog-1.0.md section 2.5). Its tag is written before, as QEMU does.
 */
public final class VdiSnapshotCommand extends ToolCommand {
  private static final int MAKE_SNAPSHOT = 1;

  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "TAG",
      description = "name of the snapshot; not a number")
  private String tag = "";

  @Option(
      names = {"-R", "--reduce-identical-snapshots"},
      description = "do nothing if nothing was written since the last snapshot")
  private boolean onlyIfChanged;

  @Option(
      names = {"-v", "--verbose"},
      description = "print the VDI ids of the new working image and of the snapshot")
  private boolean verbose;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usageExit = invocation.profile().usageExit();
    if (!tag.isEmpty() && Snapshot.parse(tag).id() != 0) {
      throw new CommandFailure(
          usageExit, "Invalid tag '" + tag + "': a number would be taken for a snapshot's id");
    }
    try {
      WireText.check(tag, Limits.TAG_SIZE, "Snapshot tag");
    } catch (ProtocolException e) {
      throw new CommandFailure(usageExit, "Invalid tag '" + tag + "': " + e.getMessage());
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    String what = "Failed to create snapshot for " + name;
    Response found = vdis.lookup(name, null);
    remote.require(found, what);
    if (!(found.body() instanceof VdiReply reply)) {
      throw new CommandFailure(1, what + ": the daemon's answer is damaged");
    }
    if (!tag.isEmpty() && vdis.lookup(name, new Snapshot(0, tag)).isSuccess()) {
      throw new CommandFailure(1, what + ", maybe snapshot id (0) or tag (" + tag + ") is existed");
    }
    InodeHeader inode = vdis.header(reply.vdiId());
    if (onlyIfChanged && !hasOwnData(vdis, inode)) {
      if (verbose) {
        invocation
            .console()
            .err()
            .println("Nothing was written to " + name + " since its last snapshot: none is taken");
      }
      return 0;
    }
    VdiId working = take(remote, vdis, inode, what);
    report(invocation.console().out(), working, inode.vdiId());
    return 0;
  }

  private static boolean hasOwnData(Vdis vdis, InodeHeader inode) throws CommandFailure {
    int own = inode.vdiId().value();
    return Arrays.stream(vdis.index(inode)).anyMatch(owner -> owner == own);
  }

  private VdiId take(Remote remote, Vdis vdis, InodeHeader inode, String what)
      throws CommandFailure {
    remote.require(writeTag(vdis, inode, tag), what);
    VdiBody body =
        new VdiBody(
            inode.vdiSize(),
            inode.vdiId(),
            inode.copies(),
            inode.copyPolicy(),
            inode.storePolicy(),
            inode.blockSizeShift(),
            MAKE_SNAPSHOT,
            VdiBody.LOCK_NORMAL);
    try {
      return vdis.create(name, body, what);
    } catch (CommandFailure e) {
      // a working image keeps no tag; if this fails, too, the first failure says what is wrong
      Response cleared = writeTag(vdis, inode, inode.tag());
      throw cleared.isSuccess()
          ? e
          : new CommandFailure(e.exitCode(), e.getMessage() + "; its tag " + tag + " remains");
    }
  }

  private static Response writeTag(Vdis vdis, InodeHeader inode, String text)
      throws CommandFailure {
    ByteBuf bytes = Unpooled.buffer(Limits.TAG_SIZE);
    WireText.write(bytes, text, Limits.TAG_SIZE, "Snapshot tag");
    return vdis.writeHeader(inode, InodeLayout.TAG, bytes);
  }

  private void report(PrintStream out, VdiId working, VdiId snapshot) {
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            json.writeStringField("working_vid", working.toString());
            json.writeStringField("snapshot_vid", snapshot.toString());
            json.writeEndObject();
          });
    } else if (verbose && common().raw()) {
      out.println(working + " " + snapshot);
    } else if (verbose) {
      out.println(
          "new VID of original VDI: "
              + working
              + ", VDI ID of newly created snapshot: "
              + snapshot);
    }
  }
}
