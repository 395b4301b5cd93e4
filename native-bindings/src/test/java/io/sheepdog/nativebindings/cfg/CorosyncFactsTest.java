package io.sheepdog.nativebindings.cfg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cmap.NodeList;
import io.sheepdog.nativebindings.cmap.QuorumOptions;
import io.sheepdog.nativebindings.cmap.TotemTimes;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNet;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgListener;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.NativeCpgConnection;
import io.sheepdog.nativebindings.quorum.NativeQuorumConnection;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What two real corosyncs without a quorum provider say of themselves. */
@Timeout(120)
class CorosyncFactsTest {
  private static CorosyncNet net;

  @BeforeAll
  static void startCorosync() {
    net = CorosyncNet.running(2, CorosyncConf.NO_QUORUM);
  }

  @AfterAll
  static void stopCorosync() {
    net.close();
  }

  @Test
  void addressesAreThoseOfTheNodelist() throws Exception {
    assertThat(on(net.node(2), NodeAddresses.NATIVE::ofThisNode))
        .containsExactly(InetAddress.getByName("198.18.0.12"));
    assertThat(on(net.node(2), () -> NodeAddresses.NATIVE.of(1)))
        .containsExactly(InetAddress.getByName("198.18.0.11"));
  }

  @Test
  void timesAreThoseOfTheRunningTotem() throws Exception {
    TotemTimes times = on(net.node(1), TotemTimes::ofThisNode);
    // corosync.conf(5): with a nodelist of two the token is as configured, consensus 1.2 times that
    assertThat(times).isEqualTo(new TotemTimes(Duration.ofMillis(1000), Duration.ofMillis(1200)));
    assertThat(times.detectionBound()).isEqualTo(Duration.ofMillis(2200));
  }

  @Test
  void nodesAreCountedInTheConfigurationWhetherTheyRunOrNot() throws Exception {
    assertThat(on(net.node(2), NodeList::sizeInConfiguration)).isEqualTo(2);
  }

  @Test
  void optionsThatAreNotInTheConfigurationAreOff() throws Exception {
    assertThat(on(net.node(1), QuorumOptions::ofThisNode))
        .isEqualTo(new QuorumOptions(false, false, false, false));
  }

  @Test
  void optionsInTheConfigurationAreOn() throws Exception {
    try (CorosyncNet two = CorosyncNet.running(2, CorosyncConf.TWO_NODE)) {
      QuorumOptions options = on(two.node(1), QuorumOptions::ofThisNode);
      assertThat(options).isEqualTo(new QuorumOptions(true, true, false, false));
      assertThat(options.isStrict()).isFalse();
    }
  }

  @Test
  void withoutProviderQuorumIsNotConfigured() throws Exception {
    boolean configured =
        on(
            net.node(1),
            () -> {
              try (NativeQuorumConnection quorum =
                  NativeQuorumConnection.connect(
                      view -> {
                        throw new AssertionError("no notification was asked for: " + view);
                      })) {
                return quorum.configured();
              }
            });
    assertThat(configured).isFalse();
  }

  @Test
  void membersOfAGroupCanBeAskedForFromOutside() throws Exception {
    CpgProcess self = new CpgProcess(1, (int) ProcessHandle.current().pid());
    on(
        net.node(1),
        () -> {
          try (NativeCpgConnection connection = NativeCpgConnection.connect(new Deaf())) {
            assertThat(connection.localNodeId()).isEqualTo(1);
            assertThat(connection.members("asked")).isEmpty();
            connection.join("asked");
            assertThat(connection.flowControlled()).isFalse();
            // A join is a message: corosync counts whom it concerns when it comes around.
            Awaitility.await()
                .pollInSameThread()
                .untilAsserted(() -> assertThat(connection.members("asked")).containsExactly(self));
            return null;
          }
        });
  }

  @Test
  void withoutCorosyncEverythingIsALibraryError() {
    try (CorosyncNet stopped = CorosyncNet.stopped(1, CorosyncConf.NO_QUORUM)) {
      CorosyncNode node = stopped.node(1);
      for (Callable<?> call :
          List.<Callable<?>>of(
              NodeAddresses.NATIVE::ofThisNode,
              TotemTimes::ofThisNode,
              NodeList::sizeInConfiguration,
              QuorumOptions::ofThisNode)) {
        assertThatThrownBy(() -> on(node, call))
            .hasCauseInstanceOf(CorosyncException.class)
            .cause()
            .extracting(cause -> ((CorosyncException) cause).error())
            .isEqualTo(CsError.CS_ERR_LIBRARY);
      }
    }
  }

  private static <T> T on(CorosyncNode node, Callable<T> call) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              node.enter();
              return call.call();
            });
    // A usual stack: what needs more sees to it.
    new Thread(task, "on-node").start();
    return task.get(30, TimeUnit.SECONDS);
  }

  private static final class Deaf implements CpgListener {
    @Override
    public void delivered(CpgProcess sender, byte[] message) {}

    @Override
    public void membership(
        List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {}

    @Override
    public void ring(RingId ring, List<Integer> nodes) {}
  }
}
