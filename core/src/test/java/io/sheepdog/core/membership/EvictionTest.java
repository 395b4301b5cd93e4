package io.sheepdog.core.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.membership.AgentWorld.Node;
import io.sheepdog.protocol.id.Epoch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon stands still although its process lives, and its driver notices nothing. */
@Timeout(30)
class EvictionTest {
  private static final Duration STILL = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(12);
  private static final int SEEDS = 20;

  @Test
  void theOthersGoOnWithoutIt() {
    for (long seed = 0; seed < SEEDS; seed++) {
      AgentWorld world = new AgentWorld(seed);
      List<Node> nodes = world.running(4);
      nodes.get(3).process.pause(STILL.toNanos());
      world.pass(PATIENCE);
      assertThat(AgentWorld.allServe(nodes.subList(0, 3), 2)).isTrue();
      assertThat(nodes.get(0).warnings)
          .anyMatch(line -> line.contains("10.0.0.4:7000 has not answered"));
    }
  }

  @Test
  void whenItGoesOnItGivesUpAndJoinsAgain() {
    AgentWorld world = new AgentWorld(7);
    List<Node> nodes = world.running(3);
    Node sick = nodes.get(2);
    sick.process.pause(STILL.toNanos());
    world.until(() -> !sick.failures.isEmpty());
    assertThat(sick.failures)
        .singleElement()
        .extracting(NodeFailure::cause)
        .isEqualTo(NodeFailure.Cause.EVICTED);
    assertThat(sick.agent.servingIncarnation()).isZero();
    Node again = world.start(sick.disk);
    world.until(() -> AgentWorld.allServe(List.of(nodes.get(0), nodes.get(1), again), 3));
  }

  @Test
  void aShortStandstillCostsNobodyItsMembership() {
    AgentWorld world = new AgentWorld(8);
    List<Node> nodes = world.running(3);
    nodes.get(2).process.pause(Duration.ofSeconds(4).toNanos());
    world.pass(STILL);
    assertThat(AgentWorld.allServe(nodes, 1)).isTrue();
  }

  @Test
  void ofTwoTheOneThatRunsDoesNotGoOnAlone() {
    AgentWorld world = new AgentWorld(9);
    List<Node> nodes = world.running(2);
    nodes.get(1).process.pause(STILL.toNanos());
    world.pass(STILL.plus(PATIENCE));
    assertThat(nodes.get(0).agent.servingEpoch()).isEqualTo(new Epoch(1));
    assertThat(nodes.get(1).failures).isEmpty();
  }

  @Test
  void twoOfFiveThatStandStillAreBothGivenUp() {
    AgentWorld world = new AgentWorld(10);
    List<Node> nodes = world.running(5);
    nodes.get(1).process.pause(STILL.toNanos());
    nodes.get(3).process.pause(STILL.toNanos());
    world.pass(PATIENCE);
    List<Node> left = List.of(nodes.get(0), nodes.get(2), nodes.get(4));
    assertThat(left).allMatch(node -> node.agent.state().syncedMembers().size() == left.size());
    assertThat(AgentWorld.allServe(left, 3)).isTrue();
  }
}
