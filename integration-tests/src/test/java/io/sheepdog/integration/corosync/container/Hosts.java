package io.sheepdog.integration.corosync.container;

import com.github.dockerjava.api.model.Network.Ipam;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.lifecycle.Startables;

/**
 * The containers of one cluster and their network. Each host has corosync configured by the guide's
 * own file as {@code collie corosync upgrade} makes it; nothing runs yet.
 */
final class Hosts implements AutoCloseable {
  private static final String SUBNET = "198.18.0.0/24";
  private static final String ADDRESS = "198.18.0.";

  /** The first host of the guide is 192.50.109.182. */
  private static final int FIRST = 182;

  private static final String GUIDE_ADDRESS = "192.50.109.182";
  private static final String CONFIGURATION = "/etc/corosync/corosync.conf";
  private static final Duration RING = Duration.ofSeconds(60);

  private final Network network;
  private final List<ClusterNode> nodes;
  private final QemuHost client;

  /** Makes and starts that many containers, and one more for QEMU. */
  Hosts(int size) throws IOException {
    String image = NodeImage.make();
    network =
        Network.builder()
            .createNetworkCmdModifier(
                command ->
                    command
                        .withInternal(true)
                        .withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(SUBNET))))
            .build();
    nodes =
        IntStream.range(0, size)
            .mapToObj(node -> new ClusterNode(image, network, ADDRESS + (FIRST + node)))
            .toList();
    client = new QemuHost(new ClusterNode(image, network, ADDRESS + (FIRST + size)).container());
    Startables.deepStart(containers()).join();
    configure();
  }

  private void configure() throws IOException {
    String upgrade =
        nodes.stream()
            .map(node -> " --node " + node.address())
            .collect(Collectors.joining("", "collie corosync upgrade /root/guide.conf", ""));
    ClusterNode first = nodes.get(0);
    first.write("/root/guide.conf", guide().replace(GUIDE_ADDRESS, first.address()));
    String upgraded = first.run(upgrade).orFail().stdout();
    nodes.forEach(node -> node.write(CONFIGURATION, upgraded));
  }

  private static String guide() throws IOException {
    try (InputStream file = Hosts.class.getResourceAsStream("guide-corosync.conf")) {
      return new String(
          Objects.requireNonNull(file, "guide-corosync.conf").readAllBytes(),
          StandardCharsets.UTF_8);
    }
  }

  List<ClusterNode> nodes() {
    return nodes;
  }

  QemuHost client() {
    return client;
  }

  /** Does something on all nodes at the same time; the first error is thrown. */
  void onAll(Consumer<ClusterNode> action) {
    start(nodes, action, on -> {});
  }

  /**
   * Starts the hosts in that order, each when corosync runs on those before it: corosync 3.1.7 with
   * transport udp dies now and then when many start in the same second (its log ends with
   * "Discarding JOIN message during flush"). One that died all the same is started again, as its
   * service would be. What is started beside corosync is not waited for meanwhile.
   */
  void startInTurn(List<ClusterNode> order, Consumer<ClusterNode> autostart) {
    start(order, autostart, Hosts::awaitRing);
  }

  private static void awaitRing(List<ClusterNode> on) {
    ClusterNode newest = on.get(on.size() - 1);
    Awaitility.await("corosync of " + newest.address())
        .atMost(RING)
        .until(
            () -> {
              on.forEach(ClusterNode::reviveCorosync);
              return newest.ringSize();
            },
            Predicate.isEqual(on.size()));
  }

  private static void start(
      List<ClusterNode> order,
      Consumer<ClusterNode> action,
      Consumer<List<ClusterNode>> beforeTheNext) {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<CompletableFuture<Void>> under = new ArrayList<>();
      for (ClusterNode node : order) {
        under.add(CompletableFuture.runAsync(() -> action.accept(node), threads));
        beforeTheNext.accept(order.subList(0, under.size()));
      }
      under.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      if (e.getCause() instanceof AssertionError failed) {
        throw failed;
      }
      throw e;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Whether every node lists all of them. */
  boolean areOneCluster() {
    List<String> first = nodes.get(0).nodeList();
    return first.size() == nodes.size()
        && nodes.stream().allMatch(node -> node.nodeList().equals(first));
  }

  @Override
  public void close() {
    containers().parallel().forEach(GenericContainer::stop);
    network.close();
  }

  private Stream<GenericContainer<?>> containers() {
    return Stream.concat(nodes.stream().map(ClusterNode::container), Stream.of(client.container()));
  }
}
