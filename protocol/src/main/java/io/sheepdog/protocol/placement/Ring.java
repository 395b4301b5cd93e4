package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The consistent-hashing ring of v1.0 (placement, section 3): an object goes to the first virtual
 * node at or after its hash, its further copies to the following ones that are in zones not used
 * yet.
 */
public final class Ring {
  private static final int NODE_KEY_BYTES = 18;

  private final NodeAddress[] nodes;
  private final int[] zoneOfNode;
  private final int zones;
  private final RingPoints.Sorted points;

  private Ring(NodeAddress[] nodes, int[] zoneOfNode, int zones, RingPoints.Sorted points) {
    this.nodes = nodes;
    this.zoneOfNode = zoneOfNode;
    this.zones = zones;
    this.points = points;
  }

  /**
   * Builds the ring of an epoch.
   *
   * @param members all members in any order; those without virtual nodes are left out
   * @throws IllegalArgumentException if two members have the same address
   */
  public static Ring of(Collection<RingNode> members) {
    List<RingNode> holders = new ArrayList<>();
    for (RingNode member : members) {
      if (member.vnodes() != 0) {
        holders.add(member);
      }
    }
    holders.sort(Comparator.comparing(RingNode::address));
    Builder builder = new Builder(holders.size());
    for (RingNode node : holders) {
      int owner = builder.addNode(node.address(), node.zone());
      builder.addPoints(owner, baseHash(node.address()), node.vnodes());
    }
    return builder.build();
  }

  /**
   * Builds the ring of an epoch of a cluster whose virtual nodes belong to disks.
   *
   * @throws IllegalArgumentException if two members have the same address
   */
  public static Ring ofDisks(Collection<DiskVnodes> members) {
    List<DiskVnodes> holders = new ArrayList<>();
    for (DiskVnodes member : members) {
      if (member.count() != 0) {
        holders.add(member);
      }
    }
    holders.sort(Comparator.comparing(DiskVnodes::address));
    Builder builder = new Builder(holders.size());
    for (DiskVnodes node : holders) {
      int owner = builder.addNode(node.address(), node.zone());
      for (Disk disk : node.disks()) {
        long start = Fnv.hash(baseHash(node.address()), disk.id());
        builder.addPoints(owner, start, DiskVnodes.count(disk));
      }
    }
    return builder.build();
  }

  /**
   * Double hash of the 18 wire bytes of address and port: the value before a node's first ring
   * position.
   */
  static long baseHash(NodeAddress address) {
    byte[] key = Arrays.copyOf(address.addressBytes(), NODE_KEY_BYTES);
    key[NODE_KEY_BYTES - 2] = (byte) address.port();
    key[NODE_KEY_BYTES - 1] = (byte) (address.port() >>> 8);
    return Fnv.doubleHash(key);
  }

  /**
   * Number of distinct zones of nodes that hold objects: the most copies that an object can have.
   */
  public int zones() {
    return zones;
  }

  /** Whether no node holds objects. */
  public boolean isEmpty() {
    return points.size() == 0;
  }

  /**
   * The owners of an object in order: copy or strip number i is on node i of the list.
   *
   * @param copies wanted copies, at least 1; limited to {@link #zones()}
   * @return {@code min(copies, zones())} different nodes, all in different zones; empty for an
   *     empty ring
   */
  public List<NodeAddress> targets(ObjectId oid, int copies) {
    int[] chosen = points(oid, copies);
    NodeAddress[] result = new NodeAddress[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      result[i] = nodes[points.owner(chosen[i])];
    }
    return List.of(result);
  }

  /** Ring positions of the virtual nodes behind {@link #targets}, in the same order. */
  long[] targetPositions(ObjectId oid, int copies) {
    return Arrays.stream(points(oid, copies)).mapToLong(points::position).toArray();
  }

  private int[] points(ObjectId oid, int copies) {
    if (copies < 1) {
      throw new IllegalArgumentException("Number of copies " + copies + " is below 1");
    }
    int wanted = Math.min(copies, zones);
    int[] chosen = new int[wanted];
    if (wanted == 0) {
      return chosen;
    }
    int point = points.firstAtOrAfter(Fnv.doubleHash(oid.value()));
    int found = 0;
    // Ends within one turn: there are at least as many zones on the ring as copies wanted.
    while (found < wanted) {
      if (!isZoneUsed(chosen, found, point)) {
        chosen[found++] = point;
      }
      point = point + 1 == points.size() ? 0 : point + 1;
    }
    return chosen;
  }

  private boolean isZoneUsed(int[] chosen, int found, int point) {
    int zone = zoneOfNode[points.owner(point)];
    for (int i = 0; i < found; i++) {
      if (zoneOfNode[points.owner(chosen[i])] == zone) {
        return true;
      }
    }
    return false;
  }

  private static final class Builder {
    private final NodeAddress[] nodes;
    private final int[] zoneOfNode;
    private final Map<Integer, Integer> zoneIndexes = new HashMap<>();
    private final RingPoints points = new RingPoints();
    private int size;

    Builder(int capacity) {
      nodes = new NodeAddress[capacity];
      zoneOfNode = new int[capacity];
    }

    /** Adds a node; they come in address order, so a duplicate follows its twin. */
    int addNode(NodeAddress address, int zone) {
      if (size > 0 && nodes[size - 1].equals(address)) {
        throw new IllegalArgumentException("Node " + address + " is listed twice");
      }
      nodes[size] = address;
      zoneOfNode[size] = zoneIndexes.computeIfAbsent(zone, z -> zoneIndexes.size());
      return size++;
    }

    void addPoints(int owner, long start, int count) {
      long position = start;
      for (int i = 0; i < count; i++) {
        position = Fnv.next(position);
        points.add(position, owner);
      }
    }

    Ring build() {
      return new Ring(nodes, zoneOfNode, zoneIndexes.size(), points.sort());
    }
  }
}
