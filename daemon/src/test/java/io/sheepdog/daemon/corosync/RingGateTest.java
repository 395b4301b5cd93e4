package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.CpgReason;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RingGateTest {
  private static final RingId FIRST = new RingId(1, 4);
  private static final RingId SECOND = new RingId(1, 8);
  private static final List<Integer> ALL = List.of(1, 2, 3);
  private static final List<CpgChange> NONE = List.of();
  private static final List<CpgChange> THREE_DOWN = change(3, CpgReason.NODEDOWN);
  private static final List<CpgChange> THREE_UP = change(3, CpgReason.NODEUP);

  private final List<String> happened = new ArrayList<>();
  private final RingGate gate = gate(true);

  private RingGate gate(boolean quorum) {
    return new RingGate(
        quorum,
        new RingGate.Side() {
          @Override
          public void lostMerge(Set<Integer> oldRing, List<Integer> newRing) {
            happened.add("lost merge");
          }

          @Override
          public void lostQuorum(QuorumView view) {
            happened.add("lost quorum");
          }
        });
  }

  private static List<CpgChange> change(int node, CpgReason reason) {
    return List.of(new CpgChange(new CpgProcess(node, 1000), reason));
  }

  private void pass(RingGate through, String event) {
    through.pass(() -> happened.add(event));
  }

  private void startInFirstRing() {
    gate.quorum(new QuorumView(FIRST, true, ALL));
    gate.ring(FIRST, ALL);
  }

  @Test
  void deathsOfProcessesPassAtOnce() {
    startInFirstRing();
    gate.membership(change(2, CpgReason.PROCDOWN), NONE);
    pass(gate, "death");
    assertThat(happened).containsExactly("death");
  }

  @Test
  void lossOfANodeWaitsForRingAndThenForQuorumInIt() {
    startInFirstRing();
    gate.membership(THREE_DOWN, NONE);
    pass(gate, "loss");
    gate.quorum(new QuorumView(FIRST, true, ALL));
    assertThat(happened).isEmpty();
    gate.ring(SECOND, List.of(1, 2));
    pass(gate, "message");
    assertThat(happened).isEmpty();
    gate.quorum(new QuorumView(SECOND, true, List.of(1, 2)));
    assertThat(happened).containsExactly("loss", "message");
    pass(gate, "later");
    assertThat(happened).endsWith("later");
  }

  @Test
  void quorumThatIsKnownBeforeTheRingCounts() {
    startInFirstRing();
    gate.quorum(new QuorumView(SECOND, true, List.of(1, 2)));
    gate.membership(THREE_DOWN, NONE);
    pass(gate, "loss");
    assertThat(happened).isEmpty();
    gate.ring(SECOND, List.of(1, 2));
    assertThat(happened).containsExactly("loss");
  }

  @Test
  void withoutQuorumTheLossNeverHappens() {
    startInFirstRing();
    gate.membership(THREE_DOWN, NONE);
    pass(gate, "loss");
    gate.ring(SECOND, List.of(1, 2));
    gate.quorum(new QuorumView(SECOND, false, List.of(1, 2)));
    assertThat(happened).containsExactly("lost quorum");
  }

  @Test
  void withoutProviderOnlyTheRingIsAwaited() {
    RingGate free = gate(false);
    free.ring(FIRST, ALL);
    free.membership(THREE_DOWN, NONE);
    pass(free, "loss");
    assertThat(happened).isEmpty();
    free.ring(SECOND, List.of(1, 2));
    assertThat(happened).containsExactly("loss");
  }

  @Test
  void largerSideOfAMergeGoesOnAndTheSmallerDoesNot() {
    RingGate two = gate(false);
    two.ring(FIRST, List.of(1, 2));
    two.membership(NONE, THREE_UP);
    pass(two, "return");
    two.ring(SECOND, ALL);
    assertThat(happened).containsExactly("return");

    happened.clear();
    RingGate one = gate(false);
    one.ring(new RingId(3, 4), List.of(3));
    one.membership(NONE, change(1, CpgReason.NODEUP));
    pass(one, "return");
    one.ring(SECOND, ALL);
    assertThat(happened).containsExactly("lost merge");
  }

  @Test
  void atMostOneSideWinsAnyMergeAndOneOfTwoAlwaysDoes() {
    int all = 6;
    for (int sides = 0; sides < 729; sides++) {
      List<Set<Integer>> parts = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
      Set<Integer> now = new TreeSet<>();
      int rest = sides;
      for (int node = 1; node <= all; node++) {
        parts.get(rest % 3).add(node);
        now.add(node);
        rest /= 3;
      }
      long present = parts.stream().filter(part -> !part.isEmpty()).count();
      long winners =
          parts.stream().filter(part -> !part.isEmpty() && RingGate.wins(part, now)).count();
      assertThat(winners).as(parts.toString()).isLessThanOrEqualTo(1);
      if (present == 2) {
        assertThat(winners).as(parts.toString()).isEqualTo(1);
      }
    }
  }

  @Test
  void nodesThatAreGoneDoNotCount() {
    assertThat(RingGate.wins(Set.of(1, 2, 3, 4), Set.of(1, 5, 6))).isFalse();
    assertThat(RingGate.wins(Set.of(5, 6), Set.of(1, 5, 6))).isTrue();
  }

  @Test
  void nodeIdsAreUnsigned() {
    Set<Integer> high = Set.of(0xC6120000);
    assertThat(RingGate.wins(high, Set.of(0xC6120000, 7))).isFalse();
    assertThat(RingGate.wins(Set.of(7), Set.of(0xC6120000, 7))).isTrue();
  }
}
