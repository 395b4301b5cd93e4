package io.sheepdog.nativebindings.corosync;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Several nodes on one Ethernet, 198.18.0.0/24, each with a corosync. The Ethernet can be cut in
 * two.
 */
public final class CorosyncNet implements AutoCloseable {
  private static final Duration RING_LIMIT = Duration.ofSeconds(60);
  private static final String FIRST_BRIDGE = "side0";

  private final Path directory;
  private final Namespace exchange;
  private final List<CorosyncNode> nodes = new ArrayList<>();

  private CorosyncNet(int count, CorosyncConf configuration) {
    try {
      directory = Files.createTempDirectory("corosync-net");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    exchange = Namespace.create(bridge(FIRST_BRIDGE) + " && " + bridge("side1"));
    List<String> addresses =
        IntStream.rangeClosed(1, count).mapToObj(i -> "198.18.0." + (10 + i)).toList();
    for (int number = 1; number <= count; number++) {
      CorosyncNode node =
          new CorosyncNode(
              Namespace.create(
                  "mount -t tmpfs none /run && mount -t tmpfs none /dev/shm"
                      + " && mount -t tmpfs none /var/lib/corosync"
                      + " && mount -t tmpfs none /etc/corosync && mkdir /etc/corosync/uidgid.d"),
              number,
              addresses.get(number - 1),
              directory);
      nodes.add(node);
      node.configure(configuration.text(addresses));
      plug(node);
    }
  }

  /**
   * Nodes with running corosyncs that form one ring. Corosync 3.1.7 fails an assertion now and then
   * when several start in the same moment (totemsrp.c, {@code orf_token_rtr}); one that did is
   * started again, as its service would be.
   */
  public static CorosyncNet running(int count, CorosyncConf configuration) {
    CorosyncNet net = stopped(count, configuration);
    try {
      net.nodes.forEach(CorosyncNode::start);
      net.awaitRing(net.nodes, CorosyncNode::revive);
    } catch (RuntimeException e) {
      String logs = net.logs();
      net.close();
      throw new AssertionError("no ring: " + logs, e);
    }
    return net;
  }

  /** Nodes whose corosyncs nobody has started. */
  public static CorosyncNet stopped(int count, CorosyncConf configuration) {
    return new CorosyncNet(count, configuration);
  }

  private static String bridge(String name) {
    // Snooping would hold multicast back until somebody asks for it.
    return "ip link add " + name + " type bridge mcast_snooping 0 && ip link set " + name + " up";
  }

  private void plug(CorosyncNode node) {
    String port = "port" + node.number();
    // The peer's namespace is named by a process id of this JVM's namespace.
    String add = "ip link add %s type veth peer name eth0 netns %d";
    List<String> words = List.of(add.formatted(port, node.namespace().init()).split(" ", -1));
    List<String> argv = new ArrayList<>(exchange.networkOnly());
    argv.addAll(words);
    Commands.mustRun(argv);
    exchange.shell("ip link set " + port + " master " + FIRST_BRIDGE + " up");
    node.namespace()
        .shell(
            "ip addr add "
                + node.address()
                + "/24 dev eth0 && ip link set eth0 up && ip route add 224.0.0.0/4 dev eth0");
  }

  /** All nodes, from number 1 on. */
  public List<CorosyncNode> nodes() {
    return nodes;
  }

  /** The node with a number, from 1. */
  public CorosyncNode node(int number) {
    return nodes.get(number - 1);
  }

  /** Waits until all nodes are in one ring. */
  public void awaitRing() {
    awaitRing(nodes);
  }

  /** Waits until those nodes and no others are in one ring. */
  public void awaitRing(List<CorosyncNode> members) {
    awaitRing(members, node -> {});
  }

  private void awaitRing(List<CorosyncNode> members, Consumer<CorosyncNode> meanwhile) {
    List<Integer> numbers = members.stream().map(CorosyncNode::number).toList();
    for (CorosyncNode node : members) {
      Awaitility.await("a ring of " + numbers + " at node " + node.number())
          .atMost(RING_LIMIT)
          .until(
              () -> {
                members.forEach(meanwhile);
                return node.ring().equals(numbers);
              });
    }
  }

  /** Cuts those nodes off from the rest; among each other they stay connected. */
  public void cut(List<CorosyncNode> side) {
    side.forEach(node -> move(node, "side1"));
  }

  /** Connects all nodes again. */
  public void heal() {
    nodes.forEach(node -> move(node, FIRST_BRIDGE));
  }

  private void move(CorosyncNode node, String bridge) {
    exchange.shell("ip link set port" + node.number() + " master " + bridge);
  }

  /** What all corosyncs have said, for the report of a failed test. */
  public String logs() {
    StringBuilder text = new StringBuilder();
    for (CorosyncNode node : nodes) {
      text.append("--- corosync of node ")
          .append(node.number())
          .append('\n')
          .append(node.logText());
    }
    return text.toString();
  }

  @Override
  public void close() {
    nodes.forEach(node -> node.namespace().close());
    exchange.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
