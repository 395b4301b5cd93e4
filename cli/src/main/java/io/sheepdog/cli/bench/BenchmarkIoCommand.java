package io.sheepdog.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.bench.Load.Kind;
import io.sheepdog.cli.copy.Unfinished;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.VdiBody;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code benchmark io}: measures the cluster through the clients' own protocol, on an image of its
 * own that is deleted afterwards; an image that is named is only read.
 */
public final class BenchmarkIoCommand extends ToolCommand {
  private static final int SHIFT = 22;
  private static final int MAX_DEPTH = 32;
  private static final int RANDOM_BLOCK = 4 << 10;
  private static final int SEQUENTIAL_BLOCK = 1 << 20;
  private static final int MIN_BLOCK = 512;
  private static final int MAX_SECONDS = 86_400;
  private static final int MAX_OBJECTS = 1 << 18;

  /** Most bytes of requests under way: they are in memory. */
  private static final long UNDER_WAY = 64L << 20;

  @Parameters(arity = "0..1", paramLabel = "NAME")
  private @Nullable String name;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "read this snapshot (tag or number) of NAME")
  private @Nullable String snapshot;

  @Option(
      names = {"-w", "--workloads"},
      paramLabel = "LIST",
      description =
          "some of write,read,randwrite,randread (default: all; with NAME those that read)")
  private @Nullable String workloads;

  @Option(
      names = {"-b", "--block-size"},
      paramLabel = "SIZE",
      description = "bytes of a request, 512 to 4M (default: 4K at random, 1M in a row)")
  private @Nullable String block;

  @Option(
      names = {"-n", "--depth"},
      paramLabel = "N",
      description = "requests under way, 1 to 32 (default 16)")
  private String depth = "16";

  @Option(
      names = {"-t", "--total"},
      paramLabel = "N",
      description = "end each workload after so many requests")
  private @Nullable String total;

  @Option(
      names = {"--seconds"},
      paramLabel = "N",
      description = "end each workload after so many seconds (default 10)")
  private String seconds = "10";

  @Option(
      names = {"--size"},
      paramLabel = "SIZE",
      description = "size of the image that is made (default 1G)")
  private String size = "1G";

  @Option(
      names = {"-c", "--copies"},
      paramLabel = "N",
      description = "its number of replicas (default: as the cluster was formatted)")
  private @Nullable String copies;

  @Option(
      names = {"--writeback"},
      description = "let the nodes keep written data in memory, and flush at the end")
  private boolean writeback;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usageExit = invocation.profile().usageExit();
    Layout.copies(copies, invocation.profile());
    kinds(usageExit);
    blockSize(usageExit, Kind.READ);
    number(depth, 1, MAX_DEPTH, "depth", usageExit);
    number(seconds, 1, MAX_SECONDS, "number of seconds", usageExit);
    most(usageExit);
    objects(usageExit);
    if (snapshot != null) {
      Snapshot.parse(snapshot);
      if (name == null) {
        throw new CommandFailure(usageExit, "A snapshot of which image? Give its NAME");
      }
    }
  }

  private static int number(String text, int least, int most, String what, int exitCode)
      throws CommandFailure {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException none) {
      throw new CommandFailure(exitCode, "Invalid " + what + " '" + text + "': it is no number");
    }
    throw new CommandFailure(
        exitCode, "Invalid " + what + " '" + text + "': it must be " + least + " to " + most);
  }

  private long most(int exitCode) throws CommandFailure {
    return total == null
        ? Long.MAX_VALUE
        : number(total, 1, Integer.MAX_VALUE, "number of requests", exitCode);
  }

  private int objects(int exitCode) throws CommandFailure {
    long objects = (bytes(size, exitCode) + (1L << SHIFT) - 1) >> SHIFT;
    if (objects < 1 || objects > MAX_OBJECTS) {
      throw new CommandFailure(
          exitCode, "Invalid size '" + size + "': it must be above 0 and at most 1T");
    }
    return (int) objects;
  }

  private static long bytes(String text, int exitCode) throws CommandFailure {
    try {
      return Sizes.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(exitCode, String.valueOf(e.getMessage()));
    }
  }

  private int blockSize(int exitCode, Kind kind) throws CommandFailure {
    if (block == null) {
      return kind.isRandom() ? RANDOM_BLOCK : SEQUENTIAL_BLOCK;
    }
    long bytes = bytes(block, exitCode);
    if (bytes < MIN_BLOCK || bytes > 1 << SHIFT || Long.bitCount(bytes) != 1) {
      throw new CommandFailure(
          exitCode, "Invalid block size '" + block + "': it must be a power of two, 512 to 4M");
    }
    return (int) bytes;
  }

  private List<Kind> kinds(int exitCode) throws CommandFailure {
    List<Kind> kinds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.FILL && (name == null || !kind.writes())) {
        kinds.add(kind);
      }
    }
    if (workloads == null) {
      return kinds;
    }
    List<Kind> chosen = new ArrayList<>();
    for (String word : workloads.split(",", -1)) {
      Kind found = null;
      for (Kind kind : kinds) {
        found = kind.word().equals(word) ? kind : found;
      }
      if (found == null) {
        throw new CommandFailure(
            exitCode,
            "Invalid workload '"
                + word
                + "': "
                + (name == null
                    ? "write, read, randwrite and randread are known"
                    : "an image that is named is only read (read, randread)"));
      }
      chosen.add(found);
    }
    return chosen;
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    List<Figures> all = new ArrayList<>();
    if (!common().json() && !common().raw()) {
      Report.heading(invocation.console().out());
    }
    if (name == null) {
      onNewImage(invocation, remote, all);
    } else {
      Vdis vdis = new Vdis(remote);
      InodeHeader inode = vdis.open(name, snapshot == null ? null : Snapshot.parse(snapshot));
      List<ObjectId> objects = new ArrayList<>();
      int[] owners = vdis.index(inode);
      for (int index = 0; index < owners.length; index++) {
        if (owners[index] != 0) {
          objects.add(ObjectId.data(new VdiId(owners[index]), index));
        }
      }
      if (objects.isEmpty()) {
        throw new CommandFailure(1, name + " has no data to read");
      }
      measure(invocation, remote, inode, objects, all);
    }
    if (common().json()) {
      Report.json(invocation.console().out(), all);
    }
    return 0;
  }

  private void onNewImage(Invocation invocation, Remote remote, List<Figures> all)
      throws CommandFailure {
    int exitCode = invocation.profile().usageExit();
    Vdis vdis = new Vdis(remote);
    String own = "benchmark-" + Long.toString(System.currentTimeMillis(), 36);
    long bytes = (long) objects(exitCode) << SHIFT;
    int replicas = Layout.copies(copies, invocation.profile());
    VdiBody body = new VdiBody(bytes, VdiId.NONE, replicas, 0, 0, SHIFT, 0, VdiBody.LOCK_NORMAL);
    VdiId vid = vdis.create(own, body, "Failed to create VDI " + own);
    // never done: it is deleted in any case
    try (Unfinished deleted = new Unfinished(remote, invocation.console().err(), own, vid)) {
      InodeHeader inode = vdis.header(vid);
      List<ObjectId> objects = new ArrayList<>();
      for (int index = 0; index < inode.objectCount(); index++) {
        objects.add(ObjectId.data(vid, index));
      }
      Load fill = new Load(Kind.FILL, objects, inode.objectSize(), 1 << SHIFT);
      Figures filled =
          new Measurement(remote, inode.copies(), depthFor(fill.block()), false)
              .run(fill, Long.MAX_VALUE, fill.blocks());
      nameObjects(remote, inode);
      report(invocation, filled, all);
      measure(invocation, remote, inode, objects, all);
    }
  }

  private static void nameObjects(Remote remote, InodeHeader inode) throws CommandFailure {
    int count = (int) inode.objectCount();
    ByteBuf entries = Unpooled.buffer(count * InodeLayout.INDEX_ENTRY_SIZE);
    for (int index = 0; index < count; index++) {
      entries.writeIntLE(inode.vdiId().value());
    }
    ObjectBody body =
        ObjectBody.of(
            ObjectId.inode(inode.vdiId()), InodeLayout.indexEntryOffset(0), inode.copies());
    remote.require(
        remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT, body, entries),
        "Failed to write VDI " + inode.name());
  }

  private int depthFor(int bytes) {
    return (int) Math.max(1, Math.min(Integer.parseInt(depth), UNDER_WAY / bytes));
  }

  private void measure(
      Invocation invocation,
      Remote remote,
      InodeHeader inode,
      List<ObjectId> objects,
      List<Figures> all)
      throws CommandFailure {
    int exitCode = invocation.profile().usageExit();
    for (Kind kind : kinds(exitCode)) {
      int bytes = blockSize(exitCode, kind);
      Load load = new Load(kind, objects, inode.objectSize(), bytes);
      Measurement measurement = new Measurement(remote, inode.copies(), depthFor(bytes), writeback);
      long nanos = TimeUnit.SECONDS.toNanos(Integer.parseInt(seconds));
      Figures figures = measurement.run(load, nanos, most(exitCode));
      if (kind.writes() && writeback) {
        figures = flushed(remote, inode, figures);
      }
      report(invocation, figures, all);
    }
  }

  private static Figures flushed(Remote remote, InodeHeader inode, Figures figures)
      throws CommandFailure {
    long begin = System.nanoTime();
    ObjectBody body = ObjectBody.of(ObjectId.inode(inode.vdiId()), 0);
    remote.require(remote.ask(Opcode.FLUSH_VDI, body), "Failed to flush VDI " + inode.name());
    long nanos = figures.nanos() + System.nanoTime() - begin;
    return new Figures(figures.load(), figures.depth(), nanos, figures.micros());
  }

  private void report(Invocation invocation, Figures figures, List<Figures> all) {
    all.add(figures);
    if (common().raw()) {
      Report.raw(invocation.console().out(), figures);
    } else if (!common().json()) {
      Report.line(invocation.console().out(), figures);
    }
  }
}
