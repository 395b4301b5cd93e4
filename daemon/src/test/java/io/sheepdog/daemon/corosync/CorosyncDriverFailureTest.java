package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.core.spi.MemberId;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.group.FakeCorosync;
import io.sheepdog.nativebindings.group.Group;
import io.sheepdog.nativebindings.group.GroupListener;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a membership, and what does not. */
@Timeout(30)
class CorosyncDriverFailureTest {
  private static final int NODES = 3;
  private FakeCorosync corosync = new FakeCorosync(new Random(1), NODES, true);

  @Test
  void sideWithoutQuorumFailsAndTheOtherGoesOn() {
    List<HistoryMember> all = List.of(join(1), join(2), join(3));
    corosync.cut(Set.of(3));
    settle();
    assertThat(all.get(2).failure())
        .isEqualTo(
            "this part of the cluster, nodes [3], has lost quorum; it goes on when enough nodes are"
                + " together again");
    assertThat(all.get(0).failed()).isFalse();
    assertThat(all.get(0).history).last().asString().endsWith("{3000003eb=OUTVOTED}");
  }

  @Test
  void quorumThatTwoSidesCanHaveDecidesNothing() {
    boolean[] strict = {true};
    HistoryMember one = new HistoryMember(corosync, 1, 1001, () -> strict[0]);
    settle();
    join(3);
    strict[0] = false; // two_node, loaded while it runs
    corosync.cut(Set.of(3));
    settle();
    assertThat(one.history).last().asString().endsWith("{3000003eb=NODE_DOWN}");
  }

  @Test
  void withoutQuorumProviderNobodyHasDecided() {
    corosync = new FakeCorosync(new Random(1), NODES, false);
    HistoryMember one = join(1);
    join(3);
    corosync.cut(Set.of(3));
    settle();
    assertThat(one.history).last().asString().endsWith("{3000003eb=NODE_DOWN}");
  }

  @Test
  void sideWithoutQuorumHearsOfNoLoss() {
    join(1);
    join(2);
    HistoryMember three = join(3);
    int heard = three.history.size();
    corosync.cut(Set.of(3));
    settle();
    assertThat(three.history).hasSize(heard);
  }

  @Test
  void processThatStartsWithoutQuorumJoinsWhenThereIsQuorum() {
    corosync.cut(Set.of(1));
    HistoryMember early = new HistoryMember(corosync, 1, 1001);
    early.send("early");
    settle();
    assertThat(early.history).isEmpty();
    assertThat(early.waits)
        .last(InstanceOfAssertFactories.STRING)
        .matches(
            "its corosync has no quorum \\(ring \\d+\\.\\d+: only node 1 of 3\\)"
                + " until enough nodes are together again");
    corosync.heal();
    settle();
    assertThat(early.waits)
        .last()
        .isEqualTo("it is joining until the other nodes have taken it in");
    assertThat(early.history)
        .containsExactly("view [1000003e9] +[1000003e9] -{}", "1000003e9:early");
  }

  @Test
  void withoutQuorumProviderTheSmallerSideOfAMergeStartsAnew() {
    corosync = new FakeCorosync(new Random(1), NODES, false);
    corosync.cut(Set.of(3));
    HistoryMember one = join(1);
    HistoryMember two = join(2);
    HistoryMember three = join(3);
    corosync.heal();
    settle();
    assertThat(three.failure())
        .isEqualTo(
            "the ring of nodes [3] merged into that of nodes [1, 2, 3], whose other part goes on;"
                + " this node joins it as a new member");
    HistoryMember again = new HistoryMember(corosync, 3, 2003);
    settle();
    assertThat(again.lastMembers())
        .containsExactly(one.driver.self(), two.driver.self(), again.driver.self());
    assertThat(one.failed() || two.failed()).isFalse();
  }

  @Test
  void strangersInTheGroupAreNoMembersAndTheirMessagesAreDropped() {
    HistoryMember one = join(1);
    Group stranger = corosync.open(new CpgProcess(2, 77), new NoListener());
    stranger.join();
    stranger.multicast("hello sheepdog".getBytes(StandardCharsets.UTF_8));
    settle();
    assertThat(one.lastMembers()).containsExactly(new MemberId((1L << 32) + 1001));
    assertThat(one.history).hasSize(1);
  }

  @Test
  void callsInTheWrongOrderAreRefused() {
    CorosyncClusterDriver driver =
        new CorosyncClusterDriver(
            listener -> corosync.open(new CpgProcess(1, 1), listener),
            1,
            Runnable::run,
            (why, until, forOthers) -> {},
            0,
            () -> false);
    assertThatThrownBy(() -> driver.multicast(new byte[1]))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(driver::self).isInstanceOf(IllegalStateException.class);
    HistoryMember joined = join(1);
    assertThatThrownBy(() -> joined.driver.join(joined)).isInstanceOf(IllegalStateException.class);
  }

  private HistoryMember join(int node) {
    HistoryMember member = new HistoryMember(corosync, node, 1000 + node);
    settle();
    return member;
  }

  private void settle() {
    for (int steps = 0; corosync.step(); steps++) {
      assertThat(steps).isLessThan(10_000);
    }
  }

  private static final class NoListener implements GroupListener {
    @Override
    public void connected(int localNodeId, boolean quorumConfigured) {}

    @Override
    public void quorum(QuorumView view) {}

    @Override
    public void lost(Exception cause) {}

    @Override
    public void delivered(CpgProcess sender, byte[] message) {}

    @Override
    public void membership(
        List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {}

    @Override
    public void ring(RingId ring, List<Integer> nodes) {}
  }
}
