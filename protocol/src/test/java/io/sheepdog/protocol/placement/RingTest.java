package io.sheepdog.protocol.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RingTest {
  private static RingNode node(int number, int vnodes, int zone) {
    return new RingNode(new NodeAddress(0, 0x0a000000L + number, 7000), vnodes, zone);
  }

  @Test
  void targetsAreInDifferentZones() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      Map<NodeAddress, Integer> zones = new HashMap<>();
      List<RingNode> nodes = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        RingNode node = node(i, random.nextInt(4) * 50, random.nextInt(5));
        nodes.add(node);
        zones.put(node.address(), node.zone());
      }
      Ring ring = Ring.of(nodes);
      for (int i = 0; i < 50; i++) {
        int copies = 1 + random.nextInt(6);
        List<NodeAddress> targets = ring.targets(new ObjectId(random.nextLong()), copies);
        assertThat(targets).hasSize(Math.min(copies, ring.zones()));
        Set<Integer> used = new HashSet<>();
        targets.forEach(target -> used.add(zones.get(target)));
        assertThat(used).hasSize(targets.size());
      }
    }
  }

  @Test
  void theOrderInWhichMembersAreGivenDoesNotMatter() {
    List<RingNode> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(node(i, 128, i));
    }
    Ring ring = Ring.of(nodes);
    Collections.shuffle(nodes, new Random(8));
    Ring shuffled = Ring.of(nodes);
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      ObjectId oid = new ObjectId(random.nextLong());
      assertThat(shuffled.targets(oid, 3)).isEqualTo(ring.targets(oid, 3));
    }
  }

  @Test
  void aJoiningNodeOnlyTakesObjectsOver() {
    List<RingNode> before = List.of(node(1, 128, 1), node(2, 128, 2), node(3, 128, 3));
    List<RingNode> after = new ArrayList<>(before);
    RingNode joiner = node(4, 128, 4);
    after.add(joiner);
    Ring oldRing = Ring.of(before);
    Ring newRing = Ring.of(after);
    Random random = new Random(4);
    int moved = 0;
    for (int i = 0; i < 1000; i++) {
      ObjectId oid = new ObjectId(random.nextLong());
      NodeAddress now = newRing.targets(oid, 1).get(0);
      if (now.equals(joiner.address())) {
        moved++;
      } else {
        assertThat(now).isEqualTo(oldRing.targets(oid, 1).get(0));
      }
    }
    assertThat(moved).isBetween(150, 350);
  }

  @Test
  void gatewaysHoldNothingAndAreNoZone() {
    Ring ring = Ring.of(List.of(node(1, 0, 1), node(2, 128, 2)));
    assertThat(ring.zones()).isEqualTo(1);
    assertThat(ring.targets(new ObjectId(5), 2)).containsExactly(node(2, 128, 2).address());
  }

  @Test
  void anEmptyRingHasNoTargets() {
    Ring ring = Ring.of(List.of(node(1, 0, 1)));
    assertThat(ring.isEmpty()).isTrue();
    assertThat(ring.zones()).isZero();
    assertThat(ring.targets(new ObjectId(5), 3)).isEmpty();
    assertThat(
            Ring.ofDisks(List.of(new DiskVnodes(node(1, 1, 1).address(), 0, List.of()))).isEmpty())
        .isTrue();
  }

  @Test
  void aNodeListedTwiceIsRefused() {
    assertThatThrownBy(() -> Ring.of(List.of(node(1, 128, 1), node(2, 1, 1), node(1, 64, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Node 10.0.0.1:7000 is listed twice");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    Ring ring = Ring.of(List.of(node(1, 128, 1)));
    assertThatThrownBy(() -> ring.targets(new ObjectId(1), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Number of copies 0 is below 1");
    assertThatThrownBy(() -> node(1, 65536, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Disk("/a", -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DiskChoice.of(List.of(new Disk("/a", 0))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> VnodeCounts.automatic(new long[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Placement2010.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withoutAnySpaceThereAreNoVnodes() {
    assertThat(VnodeCounts.automatic(new long[] {0, 0})).containsExactly(0, 0);
    assertThat(VnodeCounts.automatic(new long[0])).isEmpty();
  }
}
