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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.lifecycle.Startables;

/**
 * Hosts of one cluster, booted as the guide of 2010 says with the guide's own corosync.conf as
 * {@code collie corosync upgrade} makes it, and one more host for QEMU, all on a network that leads
 * nowhere else. Nobody has formatted the cluster yet. Register it as a static
 * {@code @RegisterExtension}. When a test fails, the logs of all nodes are printed.
 */
public final class ContainerCluster implements BeforeAllCallback, AfterAllCallback, TestWatcher {
  private static final String SUBNET = "198.18.0.0/24";
  private static final String ADDRESS = "198.18.0.";

  /** The first host of the guide is 192.50.109.182. */
  private static final int FIRST = 182;

  private static final String GUIDE_ADDRESS = "192.50.109.182";
  private static final String CONFIGURATION = "/etc/corosync/corosync.conf";

  private static final Duration RING = Duration.ofSeconds(60);

  private final int size;
  private @Nullable Network network;
  private List<ClusterNode> nodes = List.of();
  private @Nullable QemuHost client;

  private ContainerCluster(int size) {
    this.size = size;
  }

  /** A cluster of that many hosts. */
  public static ContainerCluster of(int size) {
    return new ContainerCluster(size);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    String image = NodeImage.make();
    Network opened =
        Network.builder()
            .createNetworkCmdModifier(
                command ->
                    command
                        .withInternal(true)
                        .withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(SUBNET))))
            .build();
    network = opened;
    nodes =
        IntStream.range(0, size)
            .mapToObj(node -> new ClusterNode(image, opened, ADDRESS + (FIRST + node)))
            .toList();
    ClusterNode idle = new ClusterNode(image, opened, ADDRESS + (FIRST + size));
    client = new QemuHost(idle.container());
    Startables.deepStart(containers()).join();
    try {
      configure();
      boot();
    } catch (AssertionError | ConditionTimeoutException e) {
      testFailed(context, e);
      throw e;
    }
  }

  /** The guide's file, edited as it asks for, upgraded, and the same on all hosts. */
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
    try (InputStream file = ContainerCluster.class.getResourceAsStream("guide-corosync.conf")) {
      return new String(
          Objects.requireNonNull(file, "guide-corosync.conf").readAllBytes(),
          StandardCharsets.UTF_8);
    }
  }

  /**
   * Switches the hosts on, each when corosync runs on those before it: corosync 3.1.7 with
   * transport udp dies now and then when many start in the same second (its log ends with
   * "Discarding JOIN message during flush"). One that died all the same is started again, as its
   * service would be.
   */
  private void boot() {
    AtomicInteger on = new AtomicInteger();
    startOnAll(
        ClusterNode::boot,
        node -> {
          int expected = on.incrementAndGet();
          Awaitility.await("corosync of " + node.address())
              .atMost(RING)
              .until(
                  () -> {
                    nodes.subList(0, expected).forEach(ClusterNode::reviveCorosync);
                    return node.ringSize();
                  },
                  Predicate.isEqual(expected));
        });
  }

  /** Does something on all nodes at the same time; the first error is thrown. */
  public void onAll(Consumer<ClusterNode> action) {
    startOnAll(action, node -> {});
  }

  private void startOnAll(Consumer<ClusterNode> action, Consumer<ClusterNode> beforeTheNext) {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<CompletableFuture<Void>> under = new ArrayList<>();
      for (ClusterNode node : nodes) {
        under.add(CompletableFuture.runAsync(() -> action.accept(node), threads));
        beforeTheNext.accept(node);
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

  @Override
  public void afterAll(ExtensionContext context) {
    containers().parallel().forEach(GenericContainer::stop);
    if (network != null) {
      network.close();
    }
  }

  private Stream<GenericContainer<?>> containers() {
    return Stream.concat(
        nodes.stream().map(ClusterNode::container),
        Stream.ofNullable(client).map(QemuHost::container));
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    System.err.printf("%s failed%n", context.getDisplayName());
    nodes.forEach(
        node -> System.err.printf("--- logs of the node %s%n%s", node.address(), node.logs()));
  }

  /** The hosts that store, in the order of their addresses. */
  public List<ClusterNode> nodes() {
    return nodes;
  }

  /** The host on which QEMU runs; it stores nothing. */
  public QemuHost client() {
    return Objects.requireNonNull(client, "the cluster is not running");
  }
}
