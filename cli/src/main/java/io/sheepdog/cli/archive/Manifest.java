package io.sheepdog.cli.archive;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot of a cluster consists of.
 *
 * @param head what it says of itself
 * @param vdis snapshots of images, oldest first
 * @param objects digests of the pieces of each object that they refer to, {@link #PIECE} bytes each
 *     (the last one less); {@link #ZEROS} for a piece that is zero
 */
record Manifest(Head head, List<ArchivedVdi> vdis, Map<ObjectId, List<String>> objects) {
  /** Bytes of a piece of an object: what is in memory at a time. */
  static final int PIECE = 4 << 20;

  /** Stands for a piece of zeros. */
  static final String ZEROS = "0";

  /**
   * What a snapshot of a cluster says of itself.
   *
   * @param index its number in the archive, from 1
   * @param tag its name
   * @param time Unix seconds
   */
  record Head(int index, String tag, long time, ArchivedCluster cluster) {}

  /**
   * The cluster that was saved.
   *
   * @param id when it was formatted, as on the wire: clusters are told apart by that
   * @param copies default number of copies
   * @param shift default object size as a power of two
   * @param flags of {@link io.sheepdog.protocol.ClusterFlags}
   * @param store the back end's name
   */
  record ArchivedCluster(long id, int copies, int shift, int flags, String store) {}

  /**
   * Objects in a row with the same owner.
   *
   * @param first index of the first
   * @param count at least 1
   * @param owner whose objects they are
   */
  record Run(int first, int count, VdiId owner) {}

  /**
   * A snapshot of an image.
   *
   * @param inode as it was in the cluster that was saved
   * @param runs its index, ascending; what is in none is a hole
   */
  record ArchivedVdi(InodeHeader inode, List<Run> runs) {
    static ArchivedVdi of(InodeHeader inode, int[] owners) {
      List<Run> runs = new ArrayList<>();
      for (int first = 0; first < owners.length; ) {
        int end = first + 1;
        while (end < owners.length && owners[end] == owners[first]) {
          end++;
        }
        if (owners[first] != 0) {
          runs.add(new Run(first, end - first, new VdiId(owners[first])));
        }
        first = end;
      }
      return new ArchivedVdi(inode, runs);
    }

    /** The index entries again: vid by object, 0 for a hole. */
    int[] owners() {
      int[] owners = new int[(int) inode.objectCount()];
      for (Run run : runs) {
        Arrays.fill(owners, run.first(), run.first() + run.count(), run.owner().value());
      }
      return owners;
    }

    /** All objects that it refers to, those of the machine's state included. */
    List<ObjectId> objects() {
      List<ObjectId> objects = new ArrayList<>();
      for (Run run : runs) {
        for (int index = run.first(); index < run.first() + run.count(); index++) {
          objects.add(ObjectId.data(run.owner(), index));
        }
      }
      for (long index = 0; index < inode.vmStateObjectCount(); index++) {
        objects.add(ObjectId.vmstate(inode.vdiId(), index));
      }
      return objects;
    }
  }

  /** Bytes of a piece of an object of that image. */
  static int length(InodeHeader inode, int piece) {
    return (int) Math.min(PIECE, inode.objectSize() - (long) piece * PIECE);
  }

  /** Pieces of each object of that image. */
  static int pieces(InodeHeader inode) {
    return (int) ((inode.objectSize() + PIECE - 1) / PIECE);
  }

  /** What is in an object: null for a hole. */
  @Nullable List<String> contents(ObjectId oid) {
    return objects.get(oid);
  }
}
