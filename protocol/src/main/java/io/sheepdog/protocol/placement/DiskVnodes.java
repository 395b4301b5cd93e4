package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.NodeAddress;
import java.util.List;

/**
 * A member of a cluster whose virtual nodes belong to disks (cluster flag DISKMODE; placement,
 * section 2.2).
 *
 * @param address address and port
 * @param zone as in {@link RingNode}
 * @param disks the disks; without any the node is a gateway
 */
public record DiskVnodes(NodeAddress address, int zone, List<Disk> disks) {
  /** Space that one virtual node stands for: 4 GiB. */
  public static final long SPACE_PER_VNODE = 1L << 32;

  /** Takes a copy of the list. */
  public DiskVnodes {
    disks = List.copyOf(disks);
  }

  /** Virtual nodes of one disk: its space in units of 4 GiB, rounded up. */
  public static int count(Disk disk) {
    return Math.toIntExact((disk.space() + SPACE_PER_VNODE - 1) / SPACE_PER_VNODE);
  }

  /** Virtual nodes of the whole node. */
  public int count() {
    return disks.stream().mapToInt(DiskVnodes::count).sum();
  }
}
