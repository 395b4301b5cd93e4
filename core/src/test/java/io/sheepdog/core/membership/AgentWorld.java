package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.sim.cluster.SimCluster;
import io.sheepdog.core.sim.cluster.SimClusterDriver;
import io.sheepdog.core.sim.store.MemoryMetaStore;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.MetaContents;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Agents of a small cluster in simulated time; every run of a seed is the same. */
public final class AgentWorld {
  /** What {@link #format} decides. */
  public static final ClusterConfig CONFIG =
      new ClusterConfig(new SheepTime(0x4bf12a00L << 32), 3, 0, 22, ClusterFlags.AUTO_VNODES);

  private static final long GIB = 1L << 30;
  private static final long DEADLINE = Duration.ofSeconds(5).toNanos();

  private final EventQueue queue = new EventQueue();
  private final Random random;
  private final SimCluster group;
  private final Map<NodeAddress, Node> listening = new HashMap<>();
  private long incarnations;

  public AgentWorld(long seed) {
    random = new Random(seed);
    group = new SimCluster(queue, random, Delays.CLUSTER, Delays.DETECTION);
  }

  public static NodeAddress address(int number) {
    return NodeAddress.parse("10.0.0." + number + ":7000");
  }

  /** A disk that outlives the daemons that use it. */
  public static final class Disk {
    final int number;
    final MetaContents meta;
    final StoreContents objects = new StoreContents();

    /** What a daemon on it is told of its virtual nodes. */
    int vnodes;

    Disk(int number, long storeId) {
      this.number = number;
      this.meta = new MetaContents(storeId, 100 * GIB);
    }
  }

  /** One daemon. */
  public final class Node implements NodeCallbacks {
    final Disk disk;
    final SimProcess process;
    final SimClusterDriver driver;
    final MemoryObjectStore objects;
    final MemoryMetaStore meta;
    public final Platform platform;
    public final ClusterAgent agent;
    final List<String> refusals = new ArrayList<>();
    final List<NodeFailure> failures = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    boolean shutDown;

    Node(Disk disk) {
      this.disk = disk;
      process = new SimProcess(queue, "node" + disk.number, random.nextInt(1_000_000));
      driver = group.driver(process);
      objects =
          new MemoryObjectStore(
              disk.objects,
              process,
              random,
              Delays.DISK,
              UnpooledByteBufAllocator.DEFAULT,
              StoreWatcher.NONE);
      meta = new MemoryMetaStore(disk.meta, process, random, Delays.DISK);
      platform = new Platform(process, process, new Network(this), objects, meta, driver);
      NodeEntry entry =
          NodeEntry.of(address(disk.number), disk.vnodes, disk.number, meta.announcedSpace());
      agent = new ClusterAgent(new LocalNode(entry, ++incarnations), platform, this);
    }

    void kill() {
      process.kill();
      listening.remove(address(disk.number), this);
      group.died(driver);
    }

    @Override
    public void onRefused(String reason) {
      refusals.add(reason);
    }

    @Override
    public void onFailure(NodeFailure failure) {
      failures.add(failure);
    }

    @Override
    public void onShutdown() {
      shutDown = true;
    }

    @Override
    public void onWarning(String message) {
      warnings.add(message);
    }
  }

  /** Requests travel, wait, and are lost with their receiver. */
  private final class Network implements Transport {
    private final Node from;

    Network(Node from) {
      this.from = from;
    }

    @Override
    public CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload) {
      CompletableFuture<Reply> result = new CompletableFuture<>();
      ByteBuf copy = payload.copy();
      queue.after(Delays.NETWORK.draw(random), () -> arrive(to, request, copy, result));
      from.process.after(DEADLINE, () -> lost(request, result));
      return result;
    }

    @Override
    public CompletionStage<Boolean> hasEnded(NodeAddress to, long incarnation) {
      CompletableFuture<Boolean> result = new CompletableFuture<>();
      from.process.after(DEADLINE, () -> result.complete(false));
      queue.after(
          Delays.NETWORK.draw(random),
          () -> {
            Node other = listening.get(to);
            if (other == null) {
              from.process.after(Delays.NETWORK.draw(random), () -> result.complete(true));
            } else {
              other.process.execute(
                  () -> result.complete(other.agent.servingIncarnation() != incarnation));
            }
          });
      return result;
    }

    private void arrive(
        NodeAddress to, Request request, ByteBuf payload, CompletableFuture<Reply> result) {
      Node receiver = listening.get(to);
      if (receiver == null) {
        from.process.after(Delays.NETWORK.draw(random), () -> lost(request, result));
        return;
      }
      receiver.process.execute(
          () ->
              receiver
                  .agent
                  .handlePeer(request, payload)
                  .thenAccept(
                      reply ->
                          from.process.after(
                              Delays.NETWORK.draw(random), () -> result.complete(reply))));
    }

    private void lost(Request request, CompletableFuture<Reply> result) {
      result.complete(
          new Reply(
              Response.to(request, Epoch.ZERO, ResultCode.NETWORK_ERROR), Unpooled.EMPTY_BUFFER));
    }
  }

  public Disk disk(int number) {
    return new Disk(number, 1000 + number);
  }

  /** Starts a daemon on a disk. */
  public Node start(Disk disk) {
    Node node = new Node(disk);
    listening.put(address(disk.number), node);
    node.agent.start();
    return node;
  }

  /** Starts a daemon on a new disk. */
  public Node start(int number) {
    return start(disk(number));
  }

  /** That many daemons, ready for a format. */
  public List<Node> startAll(int count) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      nodes.add(start(i));
    }
    until(
        () -> nodes.stream().allMatch(node -> node.agent.state().syncedMembers().size() == count));
    return nodes;
  }

  /** A formatted cluster that serves. */
  public List<Node> running(int count) {
    List<Node> nodes = startAll(count);
    format(nodes.get(0));
    until(() -> allServe(nodes, 1));
    return nodes;
  }

  public Applied format(Node node) {
    return await(
        node.agent.proposeAndConfirm(new Format(CONFIG, node.process.wallTime()), Extent.QUORUM));
  }

  public static boolean allServe(List<Node> nodes, int epoch) {
    return nodes.stream().allMatch(node -> node.agent.servingEpoch().equals(new Epoch(epoch)));
  }

  /**
   * Lets things happen until it is so; fails when nothing happens any more or after a simulated
   * hour.
   */
  public void until(BooleanSupplier condition) {
    long end = queue.now() + Duration.ofHours(1).toNanos();
    while (!condition.getAsBoolean()) {
      if (!queue.runNext() || queue.now() > end) {
        throw new AssertionError("it did not happen; time " + queue.now() + " ns\n" + describe());
      }
    }
  }

  /** Lets things happen for a while. */
  public void pass(Duration time) {
    long end = queue.now() + time.toNanos();
    boolean[] over = {false};
    queue.after(time.toNanos(), () -> over[0] = true);
    until(() -> over[0] || queue.now() > end);
  }

  public <T> T await(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    until(future::isDone);
    return future.join();
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<NodeAddress, Node> node : listening.entrySet()) {
      text.append(node.getKey())
          .append(' ')
          .append(node.getValue().agent.state().status())
          .append(" serves ")
          .append(node.getValue().agent.servingEpoch())
          .append(' ')
          .append(node.getValue().agent.state().members().values())
          .append(node.getValue().refusals)
          .append(node.getValue().failures)
          .append(node.getValue().warnings)
          .append('\n');
    }
    return text.toString();
  }

  /** The node with that number, if its daemon runs. */
  public @Nullable Node node(int number) {
    return listening.get(address(number));
  }
}
