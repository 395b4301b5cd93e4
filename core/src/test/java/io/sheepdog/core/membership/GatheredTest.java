package io.sheepdog.core.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stores tell of their VDIs becomes one directory. */
@Timeout(30)
class GatheredTest {
  private static final VdiId VID = new VdiId(0x15d167);
  private static final List<NodeAddress> NODES =
      Stream.of(7000, 7001, 7002).map(port -> NodeAddress.parse("127.0.0.1:" + port)).toList();
  private static final Ring RING =
      Ring.of(
          NODES.stream().map(node -> new RingNode(node, 128, NODES.indexOf(node) + 1)).toList());

  @Test
  void aHeaderThatOneStoreCannotReadComesFromTheOthers() {
    for (NodeAddress damaged : NODES) {
      Gathered merged = merge(damaged, entry(State.RESERVED), entry(State.HEAD));
      assertThat(merged.entries()).containsEntry(VID, entry(State.HEAD));
    }
  }

  @Test
  void aHeaderThatNobodyCanReadStaysReserved() {
    Gathered merged = merge(NODES.get(0), entry(State.RESERVED), entry(State.RESERVED));
    assertThat(merged.entries()).containsEntry(VID, entry(State.RESERVED));
  }

  @Test
  void ofReplicasThatDifferTheFirstTargetCounts() {
    NodeAddress first = RING.targets(ObjectId.inode(VID), 3).get(0);
    Gathered merged = merge(first, entry(State.SNAPSHOT), entry(State.HEAD));
    assertThat(merged.entries()).containsEntry(VID, entry(State.SNAPSHOT));
  }

  private static Gathered merge(NodeAddress one, VdiEntry its, VdiEntry theirs) {
    Map<NodeAddress, Gathered> stores = new HashMap<>();
    for (NodeAddress node : NODES) {
      TreeMap<VdiId, VdiEntry> entries = new TreeMap<>();
      entries.put(VID, node.equals(one) ? its : theirs);
      stores.put(node, new Gathered(List.of(), entries, new TreeMap<>()));
    }
    return Gathered.merge(RING, stores);
  }

  private static VdiEntry entry(State state) {
    String name = state == State.RESERVED ? "" : "Alice";
    return new VdiEntry(
        VID, state, name, "", 1, VdiId.NONE, SheepTime.NONE, SheepTime.NONE, 0, 0, 3, 0, 0, 22, 0);
  }
}
