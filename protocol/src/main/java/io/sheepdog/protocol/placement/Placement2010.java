package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Placement of May 2010 (placement, section 5): one ring point per node, its node id; no zones, no
 * weights.
 */
public final class Placement2010 {
  private final List<NodeAddress> nodes;
  private final RingPoints.Sorted points;

  private Placement2010(List<NodeAddress> nodes, RingPoints.Sorted points) {
    this.nodes = nodes;
    this.points = points;
  }

  /**
   * Prepares the placement.
   *
   * @throws IllegalArgumentException if there is no member
   */
  public static Placement2010 of(Collection<NodeAddress> members) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("Placement needs at least one node");
    }
    List<NodeAddress> list = List.copyOf(members);
    RingPoints points = new RingPoints();
    for (int i = 0; i < list.size(); i++) {
      points.add(list.get(i).node2010Id(), i);
    }
    return new Placement2010(list, points.sort());
  }

  /** The members by ascending id, the order of {@code collie node list}. */
  public List<NodeAddress> nodes() {
    List<NodeAddress> sorted = new ArrayList<>(nodes.size());
    for (int i = 0; i < points.size(); i++) {
      sorted.add(nodes.get(points.owner(i)));
    }
    return List.copyOf(sorted);
  }

  /** The owners of an object; with more copies than nodes they repeat. */
  public List<NodeAddress> targets(ObjectId oid, int copies) {
    int first = points.firstAtOrAfter(Fnv.hash(oid.value(), Fnv.BASIS));
    List<NodeAddress> targets = new ArrayList<>(copies);
    for (int k = 0; k < copies; k++) {
      targets.add(nodes.get(points.owner((first + k) % points.size())));
    }
    return List.copyOf(targets);
  }
}
