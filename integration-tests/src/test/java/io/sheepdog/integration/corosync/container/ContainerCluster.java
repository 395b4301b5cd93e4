package io.sheepdog.integration.corosync.container;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Hosts of one cluster, booted as the guide of 2010 says, and one more host for QEMU, all on a
 * network that leads nowhere else. Register it as a static {@code @RegisterExtension}. When a test
 * fails, the logs of all nodes are printed.
 *
 * <p>Booting takes half a minute, so a class gets the hosts of the class before it if there are as
 * many as it needs, all its tests passed, and they are one cluster still. It may have been
 * formatted, then; {@link #format} makes it empty.
 */
public final class ContainerCluster implements BeforeAllCallback, AfterAllCallback, TestWatcher {
  private static final Namespace NAMESPACE = Namespace.create(ContainerCluster.class);
  private static final String HOSTS = "hosts";
  private static final Duration JOINED = Duration.ofSeconds(60);

  private final int size;
  private final boolean withSheep;
  private @Nullable Hosts hosts;
  private boolean spoilt;

  private ContainerCluster(int size, boolean withSheep) {
    this.size = size;
    this.withSheep = withSheep;
  }

  /** A cluster of that many hosts. */
  public static ContainerCluster of(int size) {
    return new ContainerCluster(size, true);
  }

  /** That many hosts whose corosyncs have formed a ring; sheep runs on none. */
  public static ContainerCluster withoutSheep(int size) {
    return new ContainerCluster(size, false);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    Store store = context.getRoot().getStore(NAMESPACE);
    spoilt = !withSheep;
    Hosts before = store.get(HOSTS, Hosts.class);
    if (before != null && withSheep && before.nodes().size() == size && before.areOneCluster()) {
      hosts = before;
      return;
    }
    discard(store);
    Hosts made = new Hosts(size);
    // what is in the root's store is closed at the end of all tests
    store.put(HOSTS, made);
    hosts = made;
    try {
      made.startInTurn(made.nodes(), withSheep ? ClusterNode::boot : ClusterNode::startCorosync);
      if (withSheep) {
        // sheep that had to wait for quorum have gone to the background before they joined
        Awaitility.await("one cluster").atMost(JOINED).until(made::areOneCluster);
      }
    } catch (AssertionError | ConditionTimeoutException e) {
      testFailed(context, e);
      discard(store);
      throw e;
    }
  }

  private static void discard(Store store) {
    Hosts unfit = store.remove(HOSTS, Hosts.class);
    if (unfit != null) {
      unfit.close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (spoilt) {
      discard(context.getRoot().getStore(NAMESPACE));
    }
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    spoilt = true;
    System.err.printf("%s failed%n", context.getDisplayName());
    nodes()
        .forEach(
            node -> System.err.printf("--- logs of the node %s%n%s", node.address(), node.logs()));
  }

  private Hosts hosts() {
    return Objects.requireNonNull(hosts, "the cluster is not running");
  }

  /** The hosts that store, in the order of their addresses. */
  public List<ClusterNode> nodes() {
    return hosts().nodes();
  }

  /** The first host. */
  public ClusterNode first() {
    return nodes().get(0);
  }

  /** The host on which QEMU runs; it stores nothing. */
  public QemuHost client() {
    return hosts().client();
  }

  /** Formats, whatever is stored. */
  public void format(int copies) {
    first().run("collie cluster format -f --copies=" + copies).orFail();
  }

  /** Does something on all nodes at the same time; the first error is thrown. */
  public void onAll(Consumer<ClusterNode> action) {
    hosts().onAll(action);
  }

  /** Starts hosts one after the other, as {@code autostart} does on each. */
  public void startInTurn(List<ClusterNode> order, Consumer<ClusterNode> autostart) {
    hosts().startInTurn(order, autostart);
  }
}
