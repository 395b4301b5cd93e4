package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.ObjectId;
import java.util.List;

/** Which disk of a node holds an object (placement, section 4). */
public final class DiskChoice {
  /** Space that one virtual disk stands for: 16 MiB. */
  public static final long SPACE_PER_VDISK = 16L << 20;

  private final List<Disk> disks;
  private final RingPoints.Sorted points;

  private DiskChoice(List<Disk> disks, RingPoints.Sorted points) {
    this.disks = disks;
    this.points = points;
  }

  /**
   * Prepares the choice among disks.
   *
   * @throws IllegalArgumentException if no disk has any space
   */
  public static DiskChoice of(List<Disk> disks) {
    List<Disk> copy = List.copyOf(disks);
    RingPoints points = new RingPoints();
    for (int i = 0; i < copy.size(); i++) {
      long position = copy.get(i).id();
      long count = count(copy.get(i));
      for (long k = 0; k < count; k++) {
        position = Fnv.next(position);
        points.add(position, i);
      }
    }
    RingPoints.Sorted sorted = points.sort();
    if (sorted.size() == 0) {
      throw new IllegalArgumentException("No disk with space to choose from: " + copy);
    }
    return new DiskChoice(copy, sorted);
  }

  /** Virtual disks of a disk: its space in units of 16 MiB, rounded up. */
  static long count(Disk disk) {
    return (disk.space() + SPACE_PER_VDISK - 1) / SPACE_PER_VDISK;
  }

  /** The disk that holds the object. */
  public Disk choose(ObjectId oid) {
    return disks.get(points.owner(points.firstAtOrAfter(Fnv.doubleHash(oid.value()))));
  }
}
