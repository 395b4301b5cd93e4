package io.sheepdog.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.StateCodec;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a node does when the cluster changes, by the number of nodes and of VDIs. No cost may grow
 * faster than they do.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScalingBenchmark {
  private static final long GIB = 1L << 30;
  private static final SheepTime TIME = new SheepTime(1L << 32);
  private static final ClusterConfig CONFIG = new ClusterConfig(TIME, 3, 0, 22, 0);

  /**
   * A running cluster of nodes of five sizes, each a zone of its own, with VDIs but without data.
   */
  private static ClusterState running(int nodes, int vdis) {
    ClusterState state = ClusterState.INITIAL;
    for (int i = 1; i <= nodes; i++) {
      NodeAddress address =
          NodeAddress.parse("10." + (i >>> 16) + "." + (i >>> 8 & 255) + "." + (i & 255) + ":7000");
      NodeEntry node = NodeEntry.of(address, 32 << i % 5, i, (1 + i % 5) * 100 * GIB);
      MemberId id = new MemberId(i);
      state = state.apply(id, new JoinRequest(node, i, i, null, null, TIME)).next();
      state = state.apply(id, new MemberReady(TIME)).next();
    }
    state = state.apply(new MemberId(1), new Format(CONFIG, TIME)).next();
    List<VdiEntry> entries = new ArrayList<>();
    for (int i = 0; i < vdis; i++) {
      entries.add(vdi(i));
    }
    return new ClusterState(
        state.sequence(),
        state.status(),
        state.startedAt(),
        state.forcedBy(),
        state.config(),
        state.history(),
        state.members(),
        state.refused(),
        state.ready(),
        VdiDirectory.of(entries),
        state.locks(),
        state.recovery());
  }

  private static VdiEntry vdi(int number) {
    String name = "image-" + number;
    return new VdiEntry(
        VdiId.hashOf(name),
        VdiEntry.State.HEAD,
        name,
        "",
        1,
        VdiId.NONE,
        TIME,
        new SheepTime(0),
        40 * GIB,
        0,
        0,
        3,
        0,
        0,
        22);
  }

  /** Clusters by the number of their nodes. */
  @State(Scope.Benchmark)
  public static class Nodes {
    @Param({"10", "100", "1000"})
    public int nodes;

    private ClusterState state = ClusterState.INITIAL;
    private Ring ring = Ring.of(List.of());
    private long index;

    @Setup
    public void start() {
      state = running(nodes, 100);
      ring = ring(Objects.requireNonNull(state.newestEpoch()));
    }
  }

  /** Clusters of ten nodes by the number of their VDIs. */
  @State(Scope.Benchmark)
  public static class Vdis {
    @Param({"100", "10000", "100000"})
    public int vdis;

    private ClusterState state = ClusterState.INITIAL;

    @Setup
    public void start() {
      state = running(10, vdis);
    }
  }

  private static Ring ring(EpochRecord epoch) {
    List<RingNode> nodes = new ArrayList<>();
    for (EpochNode node : epoch.nodes()) {
      NodeEntry entry = node.node();
      nodes.add(new RingNode(entry.address(), entry.vnodes(), entry.zone()));
    }
    return Ring.of(nodes);
  }

  /** A node dies: the next epoch begins, and places are worked out anew. */
  @Benchmark
  public Ring memberDies(Nodes cluster) {
    ClusterState next =
        cluster.state.applyMembership(Map.of(new MemberId(2), Departure.PROCESS_DIED)).next();
    return ring(Objects.requireNonNull(next.newestEpoch()));
  }

  /** Where the three copies of an object are. */
  @Benchmark
  public List<NodeAddress> place(Nodes cluster) {
    return cluster.ring.targets(ObjectId.data(new VdiId(0x15d167), cluster.index++ & 0xfffff), 3);
  }

  /** A VDI is reserved and given up again, as all nodes apply it. */
  @Benchmark
  public ClusterState reserve(Vdis cluster) {
    MemberId sender = new MemberId(1);
    VdiReserve reserve =
        new VdiReserve(
            ReserveKind.CREATE, "another", VdiId.NONE, 40 * GIB, 3, 0, 0, 22, TIME, "10.0.0.9");
    ClusterState reserved = cluster.state.apply(sender, reserve).next();
    return reserved.apply(sender, new VdiAbort(VdiId.hashOf("another"))).next();
  }

  /** What a node that joins is sent, and reads. */
  @Benchmark
  public ClusterState join(Vdis cluster) {
    ByteBuf sent = Unpooled.buffer();
    StateCodec.write(sent, cluster.state);
    return StateCodec.read(sent);
  }

  /** The first question of {@code vdi list}. */
  @Benchmark
  public Object bitmap(Vdis cluster) {
    return cluster.state.directory().inUseBitmap();
  }
}
