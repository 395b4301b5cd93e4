package io.sheepdog.protocol.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.testdata.JsonTree;
import io.sheepdog.protocol.testdata.PlacementVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every published placement vector, computed independently of this code. */
@Timeout(30)
class PlacementVectorsTest {
  private static final JsonTree VECTORS = PlacementVectors.load();

  @Test
  void hashPrimitives() {
    for (JsonTree vector : VECTORS.trees("hash_primitives")) {
      byte[] input = HexFormat.of().parseHex(vector.text("input_hex"));
      assertThat(Fnv.hash(input)).isEqualTo(vector.hex("fnv1a64"));
      assertThat(Fnv.doubleHash(input)).isEqualTo(vector.hex("double_hash"));
    }
  }

  @Test
  void ringOfNodes() {
    List<JsonTree> cases = VECTORS.trees("v1_node_mode");
    assertThat(cases).hasSizeGreaterThanOrEqualTo(7);
    for (JsonTree vector : cases) {
      Ring ring = Ring.of(nodes(vector));
      int copies = (int) vector.number("copies_requested");
      assertThat(ring.zones()).as(vector.text("name")).isEqualTo((int) vector.number("nr_zones"));
      for (JsonTree object : vector.trees("objects")) {
        ObjectId oid = ObjectId.parse(object.text("oid"));
        String what = vector.text("name") + " " + oid;
        assertThat(Fnv.doubleHash(oid.value())).as(what).isEqualTo(object.hex("oid_hash"));
        assertThat(ring.targets(oid, copies))
            .as(what)
            .isEqualTo(addresses(object.texts("targets")));
        assertThat(ring.targets(oid, copies)).hasSize((int) vector.number("copies_effective"));
        assertThat(boxed(ring.targetPositions(oid, copies)))
            .as(what)
            .isEqualTo(object.hexes("target_vnode_hashes"));
      }
    }
  }

  @Test
  void nodeKeysAndFirstRingPositions() {
    for (JsonTree vector : VECTORS.trees("v1_node_mode")) {
      for (JsonTree node : vector.trees("nodes")) {
        NodeAddress address = address(node);
        assertThat(HexFormat.of().formatHex(address.addressBytes()))
            .isEqualTo(node.text("addr_hex"));
        long position = Ring.baseHash(address);
        assertThat(position).isEqualTo(node.hex("base_hash"));
        for (long expected : node.hexes("first_vnode_hashes")) {
          position = Fnv.next(position);
          assertThat(position).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void defaultZonesOfTheEightNodesAreTheirAddresses() {
    JsonTree vector =
        VECTORS.trees("v1_node_mode").stream()
            .filter(v -> v.text("name").equals("eight-nodes-default-zones"))
            .findFirst()
            .orElseThrow();
    for (JsonTree node : vector.trees("nodes")) {
      assertThat(address(node).defaultZone()).isEqualTo((int) node.number("zone"));
    }
  }

  @Test
  void objectsOfALiveCluster() {
    JsonTree live = VECTORS.tree("v1_live_cluster_checked");
    Ring ring = Ring.of(nodes(live));
    for (JsonTree object : live.trees("objects")) {
      assertThat(ring.targets(ObjectId.parse(object.text("oid")), (int) object.number("copies")))
          .isEqualTo(addresses(object.texts("targets")));
    }
  }

  @Test
  void vnodeCountsBySpace() {
    for (JsonTree vector : VECTORS.trees("v1_auto_vnodes")) {
      long[] spaces = vector.numbers("spaces").stream().mapToLong(Long::longValue).toArray();
      assertThat(Arrays.stream(VnodeCounts.automatic(spaces)).asLongStream().boxed().toList())
          .isEqualTo(vector.numbers("nr_vnodes"));
    }
  }

  @Test
  void ringOfDisks() {
    JsonTree vector = VECTORS.tree("v1_disk_mode");
    List<DiskVnodes> nodes = new ArrayList<>();
    for (JsonTree node : vector.trees("nodes")) {
      List<Disk> disks = disks(node);
      for (int i = 0; i < disks.size(); i++) {
        JsonTree disk = node.trees("disks").get(i);
        assertThat(disks.get(i).id()).isEqualTo(disk.hex("disk_id"));
        assertThat(DiskVnodes.count(disks.get(i))).isEqualTo((int) disk.number("nr_vnodes"));
      }
      nodes.add(new DiskVnodes(address(node), (int) node.number("zone"), disks));
    }
    Ring ring = Ring.ofDisks(nodes);
    int copies = (int) vector.number("copies");
    for (JsonTree object : vector.trees("objects")) {
      ObjectId oid = ObjectId.parse(object.text("oid"));
      assertThat(ring.targets(oid, copies)).isEqualTo(addresses(object.texts("targets")));
      assertThat(boxed(ring.targetPositions(oid, copies)))
          .isEqualTo(object.hexes("target_vnode_hashes"));
    }
  }

  @Test
  void diskInsideANode() {
    JsonTree vector = VECTORS.tree("v1_md_disk_choice");
    List<Disk> disks = disks(vector);
    for (int i = 0; i < disks.size(); i++) {
      JsonTree disk = vector.trees("disks").get(i);
      assertThat(disks.get(i).id()).isEqualTo(disk.hex("path_hash"));
      assertThat(DiskChoice.count(disks.get(i))).isEqualTo(disk.number("nr_vdisks"));
    }
    DiskChoice choice = DiskChoice.of(disks);
    for (JsonTree object : vector.trees("objects")) {
      assertThat(choice.choose(ObjectId.parse(object.text("oid"))).path())
          .isEqualTo(object.text("disk"));
    }
  }

  @Test
  void clusterOfMay2010() {
    JsonTree vector = VECTORS.tree("may_2010");
    List<NodeAddress> sorted = addresses2010(vector);
    assertThat(sorted).hasSize(8);
    List<NodeAddress> shuffled = new ArrayList<>(sorted);
    shuffled.sort(null);
    Placement2010 placement = Placement2010.of(shuffled);
    assertThat(placement.nodes()).isEqualTo(sorted);
    for (JsonTree object : vector.trees("objects")) {
      ObjectId oid = ObjectId.parse(object.text("oid"));
      assertThat(Fnv.hash(oid.value(), Fnv.BASIS)).isEqualTo(object.hex("oid_hash"));
      assertThat(placement.targets(oid, 3)).isEqualTo(addresses(object.texts("targets")));
    }
  }

  @Test
  void smallClustersOfMay2010() {
    for (JsonTree vector : VECTORS.trees("may_2010_small")) {
      List<NodeAddress> sorted = addresses2010(vector);
      Placement2010 placement = Placement2010.of(sorted);
      for (JsonTree object : vector.trees("objects")) {
        List<Long> ports = object.numbers("ports");
        assertThat(placement.targets(ObjectId.parse(object.text("oid")), ports.size()))
            .extracting(address -> (long) address.port())
            .isEqualTo(ports);
      }
    }
  }

  @Test
  void nodeIdOf2010IsTheFirstRingPositionUpTo06() {
    for (JsonTree vector : VECTORS.trees("ring_rule_03_to_06_first_vnode_hash")) {
      NodeAddress address = address(vector);
      long hash = Fnv.BASIS;
      for (long expected : vector.hexes("first_three_in_generation_order")) {
        hash = Fnv.step(address.port() >>> 8, Fnv.step(address.port(), hash));
        hash = Fnv.hash(address.high(), Fnv.hash(address.low(), hash));
        assertThat(hash).isEqualTo(expected);
      }
      assertThat(address.node2010Id())
          .isEqualTo(vector.hexes("first_three_in_generation_order").get(0));
    }
  }

  private static List<NodeAddress> addresses2010(JsonTree vector) {
    List<NodeAddress> addresses = new ArrayList<>();
    for (JsonTree node : vector.trees("nodes_sorted")) {
      NodeAddress address = address(node);
      assertThat(address.node2010Id()).isEqualTo(node.hex("id"));
      addresses.add(address);
    }
    return addresses;
  }

  private static List<RingNode> nodes(JsonTree vector) {
    return vector.trees("nodes").stream()
        .map(
            node ->
                new RingNode(
                    address(node), (int) node.number("nr_vnodes"), (int) node.number("zone")))
        .toList();
  }

  private static List<Disk> disks(JsonTree owner) {
    return owner.trees("disks").stream()
        .map(disk -> new Disk(disk.text("path"), disk.number("space")))
        .toList();
  }

  private static NodeAddress address(JsonTree node) {
    return NodeAddress.parse(node.text("ip") + ":" + node.number("port"));
  }

  private static List<NodeAddress> addresses(List<String> texts) {
    return texts.stream().map(NodeAddress::parse).toList();
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
