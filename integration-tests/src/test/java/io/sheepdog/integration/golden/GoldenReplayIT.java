package io.sheepdog.integration.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.protocol.testdata.GoldenTraces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What QEMU 5.2 and dog 1.0 once heard, they hear from our daemons too. */
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
final class GoldenReplayIT {
  private static final GoldenTraces TRACES = GoldenTraces.load();
  private static final KnownDifferences KNOWN = new KnownDifferences();
  private static final String ONE = "1node-";
  private static final String THREE = "3node-";

  private static void replay(LocalCluster cluster, String flow) throws IOException {
    List<Difference> unexpected = new ArrayList<>();
    try (FlowReplay replay =
        new FlowReplay(port -> cluster.socket(port - LocalCluster.FIRST_PORT))) {
      for (Difference difference : replay.play(TRACES.events(flow))) {
        if (!Tolerances.cover(difference) && !KNOWN.explain(difference)) {
          unexpected.add(difference);
        }
      }
    }
    assertThat(unexpected).as("differences from the recording %s", flow).isEmpty();
  }

  /** One node and one copy. */
  @Nested
  @Order(1)
  class OneNode {
    @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(1);

    static List<String> flows() {
      return Flows.history(TRACES, ONE);
    }

    @ParameterizedTest
    @MethodSource("flows")
    @Timeout(120)
    void repliesAreTheRecordedOnes(String flow) throws IOException {
      replay(CLUSTER, flow);
    }
  }

  /** One node and one copy, up to the write to an opened snapshot. */
  @Nested
  @Order(2)
  class OneNodeBranch {
    @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(1);

    static List<String> flows() {
      return Flows.branch(TRACES, ONE);
    }

    @ParameterizedTest
    @MethodSource("flows")
    @Timeout(120)
    void repliesAreTheRecordedOnes(String flow) throws IOException {
      replay(CLUSTER, flow);
    }
  }

  /** Three nodes and three copies. */
  @Nested
  @Order(3)
  class ThreeNodes {
    @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(3);

    static List<String> flows() {
      return Flows.history(TRACES, THREE);
    }

    @ParameterizedTest
    @MethodSource("flows")
    @Timeout(120)
    void repliesAreTheRecordedOnes(String flow) throws IOException {
      replay(CLUSTER, flow);
    }
  }

  /** Three nodes and three copies, up to the write to an opened snapshot. */
  @Nested
  @Order(4)
  class ThreeNodesBranch {
    @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.unformatted(3);

    static List<String> flows() {
      return Flows.branch(TRACES, THREE);
    }

    @ParameterizedTest
    @MethodSource("flows")
    @Timeout(120)
    void repliesAreTheRecordedOnes(String flow) throws IOException {
      replay(CLUSTER, flow);
    }
  }

  /** What must hold once all flows were replayed. */
  @Nested
  @Order(5)
  class Afterwards {
    @Test
    @Timeout(10)
    void everyKnownDifferenceHasAppeared() {
      assertThat(KNOWN.unseen()).isEmpty();
    }

    @Test
    @Timeout(10)
    void everyRecordingIsReplayedOrWaitsForANamedFeature() {
      Stream<String> replayed =
          Stream.of(
                  Flows.history(TRACES, ONE),
                  Flows.branch(TRACES, ONE),
                  Flows.history(TRACES, THREE),
                  Flows.branch(TRACES, THREE))
              .flatMap(List::stream);

      assertThat(Stream.concat(replayed, Flows.waiting().keySet().stream()).distinct())
          .containsExactlyInAnyOrderElementsOf(TRACES.names());
    }
  }
}
