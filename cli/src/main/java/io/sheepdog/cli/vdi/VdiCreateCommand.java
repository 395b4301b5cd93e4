package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi create}: spec/cli-dog-1.0.md section 2.4. */
public final class VdiCreateCommand extends ToolCommand {
  private static final int SECTOR = 512;
  private static final int MIN_SHIFT = 20;
  private static final int MAX_SHIFT = 31;
  private static final int MAX_COPIES = 31;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "name of the new image, at most 255 bytes")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "SIZE",
      description = "bytes, or with a suffix: 512M, 40G, 1.5T")
  private String size = "";

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "number of replicas, 1 to 31 (default: as the cluster was formatted)")
  private int copies;

  @Option(
      names = {"-z", "--block_size_shift"},
      paramLabel = "SHIFT",
      description =
          "object size as a power of two, 20 to 31 (default: as the cluster was formatted)")
  private int shift;

  @Option(
      names = {"-v", "--verbose"},
      description = "print the VDI id")
  private boolean verbose;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    int usage = invocation.profile().usageExit();
    long bytes = parseSize(usage);
    if (copies < 0 || copies > MAX_COPIES) {
      throw new CommandFailure(
          1, "Invalid parameter " + copies + ": the number of copies must be 1 to 31");
    }
    if (shift != 0 && (shift < MIN_SHIFT || shift > MAX_SHIFT)) {
      throw new CommandFailure(1, "Invalid block size shift " + shift + ": it must be 20 to 31");
    }
    Response defaults = remote.ask(Opcode.GET_CLUSTER_DEFAULT, RawBody.EMPTY);
    remote.require(defaults, "Failed to create VDI " + name);
    ClusterDefaultReply cluster = (ClusterDefaultReply) defaults.body();
    checkLimit(bytes, shift == 0 ? cluster.blockSizeShift() : shift, usage);
    warnOfZones(remote, invocation, copies == 0 ? cluster.copies() : copies);

    ByteBuf payload = Unpooled.buffer(NameTag.NAME_SIZE);
    encodeName(payload, usage);
    Response created =
        remote.send(
            Opcode.NEW_VDI,
            RequestFlags.NONE,
            new VdiBody(bytes, VdiId.NONE, copies, 0, 0, shift, 0, 0),
            payload);
    payload.release();
    remote.require(created, "Failed to create VDI " + name);
    if (verbose && created.body() instanceof VdiReply reply) {
      String prefix = common().raw() ? "" : "VDI ID of newly created VDI: ";
      invocation.console().out().println(prefix + reply.vdiId());
    }
    return 0;
  }

  private void encodeName(ByteBuf payload, int usage) throws CommandFailure {
    try {
      NameTag.of(name).encodeName(payload);
    } catch (ProtocolException e) {
      throw new CommandFailure(usage, "Invalid name '" + name + "': " + e.getMessage());
    }
  }

  private long parseSize(int usage) throws CommandFailure {
    long bytes;
    try {
      bytes = Sizes.parse(size);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(usage, String.valueOf(e.getMessage()));
    }
    if (bytes == 0) {
      throw new CommandFailure(
          usage, "Invalid size '" + size + "': an image needs at least " + SECTOR + " bytes");
    }
    long rounded = Math.min(bytes, Long.MAX_VALUE - SECTOR) + SECTOR - 1;
    return rounded - rounded % SECTOR;
  }

  private void checkLimit(long bytes, int blockSizeShift, int usage) throws CommandFailure {
    long limit = InodeHeader.maxSize(blockSizeShift);
    if (bytes > limit) {
      throw new CommandFailure(
          usage,
          "VDI size is too large: "
              + size
              + " is more than "
              + Sizes.human(limit)
              + ", the limit with objects of 2^"
              + blockSizeShift
              + " bytes; a larger -z raises it");
    }
  }

  private static void warnOfZones(Remote remote, Invocation invocation, int wanted)
      throws CommandFailure {
    long zones = Nodes.of(remote).zones();
    if (zones < wanted) {
      invocation
          .console()
          .err()
          .println(
              "warning: "
                  + wanted
                  + " copies are wanted but there are only "
                  + zones
                  + " zones; "
                  + zones
                  + " copies are kept until more nodes join");
    }
  }
}
