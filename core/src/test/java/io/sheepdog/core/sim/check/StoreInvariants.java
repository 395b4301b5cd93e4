package io.sheepdog.core.sim.check;

import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must hold of all disks at every instant.
 *
 * <p>R7: an index entry that may reach a platter names an object that is durable on all its targets
 * that live. R8: no object vanishes that a durable index of a live inode names. Where nodes only
 * die and never come, the targets of the first epoch that still live are targets in every later
 * one; where they come, {@link DiskSet} shows no disks before recovery has ended.
 */
public final class StoreInvariants {
  private static final int NAME_OFFSET = 0;

  private final DiskSet disks;
  private final int entries;
  private final Violations violations;

  /** The disks of the nodes that live. */
  public interface DiskSet {
    /** Disks of all nodes that live, with names for messages. */
    List<Disk> living();

    /**
     * Disks of those targets of an object in the first epoch that still live; after recovery those
     * of the newest epoch; empty before there is one.
     */
    List<Disk> targets(ObjectId oid);
  }

  /**
   * A disk.
   *
   * @param node its node, for messages
   */
  public record Disk(String node, StoreContents contents) {}

  /**
   * @param entries number of index entries that any VDI uses
   */
  public StoreInvariants(DiskSet disks, int entries, Violations violations) {
    this.disks = disks;
    this.entries = entries;
    this.violations = violations;
  }

  /** Watches the store of one node. */
  public StoreWatcher watcher(String node) {
    return new StoreWatcher() {
      @Override
      public void written(ObjectId oid, long offset, byte[] data) {
        violations.trace(
            () -> "  disk of " + node + ": " + oid + "@" + offset + " +" + data.length);
        if (oid.kind() == ObjectKind.INODE && !isNameless(node, oid, offset, data)) {
          checkEntries(node, oid, offset, data);
        }
      }

      @Override
      public void removed(ObjectId oid) {
        violations.trace(() -> "  disk of " + node + ": " + oid + " removed");
        if (oid.kind() == ObjectKind.DATA) {
          checkUnnamed(node, oid);
        }
      }
    };
  }

  /**
   * A dead inode without a name, on its way to another node or repaired where it is, names nothing.
   */
  private boolean isNameless(String node, ObjectId inode, long offset, byte[] data) {
    if (offset <= NAME_OFFSET) {
      return NAME_OFFSET < offset + data.length && data[(int) (NAME_OFFSET - offset)] == 0;
    }
    for (Disk disk : disks.living()) {
      if (disk.node().equals(node)) {
        return (disk.contents().readDurableIntLe(inode, NAME_OFFSET) & 0xff) == 0;
      }
    }
    return false;
  }

  private void checkEntries(String node, ObjectId inode, long offset, byte[] data) {
    for (int index = 0; index < entries; index++) {
      long at = InodeLayout.indexEntryOffset(index) - offset;
      if (at < 0 || at + Integer.BYTES > data.length) {
        continue;
      }
      int vid = littleEndian(data, (int) at);
      if (vid != 0) {
        checkDurable(node, inode, ObjectId.data(new VdiId(vid), index));
      }
    }
  }

  private static int littleEndian(byte[] data, int at) {
    return (data[at] & 0xff)
        | (data[at + 1] & 0xff) << 8
        | (data[at + 2] & 0xff) << 16
        | (data[at + 3] & 0xff) << 24;
  }

  private void checkDurable(String node, ObjectId inode, ObjectId named) {
    for (Disk disk : disks.targets(named)) {
      if (!disk.contents().holdsDurably(named)) {
        violations.report(
            "R7",
            "index of "
                + inode
                + " on "
                + node
                + " names "
                + named
                + ", which is not durable on "
                + disk.node());
      }
    }
  }

  private void checkUnnamed(String node, ObjectId removed) {
    for (Disk disk : disks.living()) {
      for (ObjectId inode : disk.contents().durableObjects()) {
        if (inode.kind() == ObjectKind.INODE && names(disk.contents(), inode, removed)) {
          violations.report(
              "R8",
              removed
                  + " vanishes from "
                  + node
                  + " while inode "
                  + inode
                  + " on "
                  + disk.node()
                  + " names it");
        }
      }
    }
  }

  private static boolean names(StoreContents disk, ObjectId inode, ObjectId data) {
    boolean live = (disk.readDurableIntLe(inode, NAME_OFFSET) & 0xff) != 0;
    return live
        && disk.readDurableIntLe(inode, InodeLayout.indexEntryOffset((int) data.index()))
            == data.vid().value();
  }

  /**
   * All objects that live inodes name are on all their living targets, with the same bytes
   * everywhere.
   */
  public void checkReplicas() {
    for (ObjectId oid : named()) {
      List<Disk> targets = disks.targets(oid);
      for (Disk disk : targets) {
        if (!disk.contents().holds(oid)) {
          violations.report("R8", oid + " is named by a live inode and missing on " + disk.node());
          return;
        }
        if (!disk.contents().sameAs(targets.get(0).contents(), oid)) {
          violations.report(
              "P3",
              "replicas of "
                  + oid
                  + " on "
                  + targets.get(0).node()
                  + " and "
                  + disk.node()
                  + " differ");
          return;
        }
      }
    }
  }

  /**
   * Data objects that no live inode names.
   *
   * @return the objects, ascending
   */
  public List<ObjectId> unnamed() {
    Set<ObjectId> named = named();
    Set<ObjectId> unnamed = new TreeSet<>();
    for (Disk disk : disks.living()) {
      for (ObjectId oid : disk.contents().objects()) {
        if (oid.kind() == ObjectKind.DATA && !named.contains(oid)) {
          unnamed.add(oid);
        }
      }
    }
    return new ArrayList<>(unnamed);
  }

  private Set<ObjectId> named() {
    Set<ObjectId> named = new TreeSet<>();
    for (Disk disk : disks.living()) {
      for (ObjectId inode : disk.contents().objects()) {
        if (inode.kind() == ObjectKind.INODE
            && (disk.contents().readIntLe(inode, NAME_OFFSET) & 0xff) != 0) {
          named.add(inode);
          addEntries(disk.contents(), inode, named);
        }
      }
    }
    return named;
  }

  private void addEntries(StoreContents disk, ObjectId inode, Set<ObjectId> named) {
    for (int index = 0; index < entries; index++) {
      int vid = disk.readIntLe(inode, InodeLayout.indexEntryOffset(index));
      if (vid != 0) {
        named.add(ObjectId.data(new VdiId(vid), index));
      }
    }
  }
}
