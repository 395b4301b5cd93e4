package io.sheepdog.benchmarks;

import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How evenly the ring of v1.0 spreads objects: what each node gets, as a share of what it should
 * get by its weight. Prints a table; the same figures each time.
 */
public final class PlacementSpread {
  private static final int OBJECTS = 1_000_000;
  private static final int OBJECTS_PER_VDI = 10_000;
  private static final int COPIES = 3;

  private PlacementSpread() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) {
    System.out.println(
        "| Nodes | Weights | Least | 1 % of nodes below | Median | 1 % above | Most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int nodes : new int[] {10, 100, 1000}) {
      print(nodes, "the same", new int[] {128});
      print(nodes, "1 to 16", new int[] {32, 64, 128, 256, 512});
    }
  }

  private static void print(int nodes, String weights, int[] vnodes) {
    List<RingNode> members = new ArrayList<>();
    Map<NodeAddress, Integer> weight = new HashMap<>();
    long total = 0;
    for (int i = 0; i < nodes; i++) {
      NodeAddress address = NodeAddress.parse("10.0." + (i >>> 8) + "." + (i & 255) + ":7000");
      int ofNode = vnodes[i % vnodes.length];
      members.add(new RingNode(address, ofNode, i));
      weight.put(address, ofNode);
      total += ofNode;
    }
    Map<NodeAddress, Integer> objects = new HashMap<>();
    Ring ring = Ring.of(members);
    for (int i = 0; i < OBJECTS; i++) {
      VdiId vid = VdiId.hashOf("image-" + i / OBJECTS_PER_VDI);
      for (NodeAddress home : ring.targets(ObjectId.data(vid, i % OBJECTS_PER_VDI), COPIES)) {
        objects.merge(home, 1, Integer::sum);
      }
    }
    double[] shares = new double[nodes];
    for (int i = 0; i < nodes; i++) {
      NodeAddress address = members.get(i).address();
      double due = (double) OBJECTS * COPIES * weight.getOrDefault(address, 0) / total;
      shares[i] = objects.getOrDefault(address, 0) / due;
    }
    Arrays.sort(shares);
    System.out.printf(
        Locale.ROOT,
        "| %d | %s | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        nodes,
        weights,
        shares[0],
        shares[nodes / 100],
        shares[nodes / 2],
        shares[nodes - 1 - nodes / 100],
        shares[nodes - 1]);
  }
}
