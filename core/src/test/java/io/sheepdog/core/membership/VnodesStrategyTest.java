package io.sheepdog.core.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.cluster.History;
import io.sheepdog.core.membership.AgentWorld.Disk;
import io.sheepdog.core.membership.AgentWorld.Node;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.id.Epoch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes with fixed numbers of virtual nodes, and such without, in the wrong clusters. */
@Timeout(60)
class VnodesStrategyTest {
  private static final ClusterConfig FIXED =
      new ClusterConfig(History.BIRTH, 3, 0, 22, ClusterFlags.USE_LOCK);

  private final AgentWorld world = new AgentWorld(1);

  private Node start(int number, int vnodes) {
    Disk disk = world.disk(number);
    disk.vnodes = vnodes;
    return world.start(disk);
  }

  /** Two nodes with 10 and 20 virtual nodes. */
  private List<Node> fixedCluster() {
    List<Node> nodes = new ArrayList<>(List.of(start(1, 10), start(2, 20)));
    world.until(
        () -> nodes.stream().allMatch(node -> node.agent.state().syncedMembers().size() == 2));
    world.await(
        nodes
            .get(0)
            .agent
            .proposeAndConfirm(new Format(FIXED, History.BIRTH), Extent.EVERY_MEMBER));
    world.until(() -> AgentWorld.allServe(nodes, 1));
    return nodes;
  }

  private String refusalOf(Node node) {
    world.until(() -> !node.refusals.isEmpty());
    return node.refusals.get(0);
  }

  @Test
  void aNodeOfTheOtherKindHearsWhatToDoAndHarmsNobody() {
    List<Node> nodes = fixedCluster();
    assertThat(refusalOf(start(3, 0))).contains("fixed numbers").contains("Start sheep with -V N");
    assertThat(nodes.get(0).agent.state().epoch()).isEqualTo(new Epoch(1));

    AgentWorld other = new AgentWorld(2);
    other.running(2);
    Disk disk = other.disk(3);
    disk.vnodes = 5;
    Node refused = other.start(disk);
    other.until(() -> !refused.refusals.isEmpty());
    assertThat(refused.refusals.get(0)).contains("Start sheep without -V");
  }

  @Test
  void aStoreRemembersItsNumberAndIsNotStartedWithAnotherOne() {
    List<Node> nodes = fixedCluster();
    world.await(nodes.get(1).agent.proposeAndConfirm(new SetVnodes(25), Extent.EVERY_MEMBER));
    Disk disk = nodes.get(1).disk;
    assertThat(VnodesStrategy.lastFixed(nodes.get(1).meta)).isEqualTo(25);
    nodes.get(1).kill();

    assertThat(refusalOf(world.start(disk))).contains("had 25").contains("-V 25");
    disk.vnodes = 0;
    assertThat(refusalOf(world.start(disk))).contains("fixed").contains("sheep -V 25");
    disk.vnodes = 25;
    Node back = world.start(disk);
    world.until(() -> back.agent.synced());
    assertThat(back.refusals).isEmpty();
    assertThat(back.agent.state().presentNodes())
        .extracting(node -> node.node().vnodes())
        .containsExactly(10, 25);
  }

  @Test
  void aStoreOfAnAutomaticClusterIsNotStartedWithANumber() {
    Node node = world.running(1).get(0);
    assertThat(VnodesStrategy.lastFixed(node.meta)).isZero();
    node.kill();
    node.disk.vnodes = 128;
    assertThat(refusalOf(world.start(node.disk))).contains("without -V");
  }
}
