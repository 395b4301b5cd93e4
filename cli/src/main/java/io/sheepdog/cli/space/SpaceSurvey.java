package io.sheepdog.cli.space;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which objects the images and snapshots of a cluster name, and which of them only one names: these
 * its deletion gives back. Indexes are read only of images that share objects, and only those of
 * which objects are shared are remembered object by object.
 *
 * @param rows in the order of the images
 */
record SpaceSurvey(List<Row> rows) {
  /**
   * One image or snapshot.
   *
   * @param named bytes of the objects that it names
   * @param alone bytes of those that nobody else names
   */
  record Row(InodeHeader inode, long named, long alone) {}

  /** Looks at all images, of which it is known how many objects they name. */
  static SpaceSurvey of(List<VdiUsage> images, Vdis vdis) throws CommandFailure {
    Namers namers = new Namers();
    vdis.ofIndexes(
        images.stream().filter(image -> image.shared() > 0).map(VdiUsage::inode).toList(),
        (inode, index) -> namers.noteShared(inode.vdiId().value(), index));
    vdis.ofIndexes(
        images.stream().map(VdiUsage::inode).filter(namers::knowObjectsOf).toList(),
        (inode, index) -> namers.noteOwn(inode.vdiId().value(), index));
    Map<Integer, Long> alone = namers.alone();
    List<Row> rows = new ArrayList<>();
    for (VdiUsage image : images) {
      InodeHeader inode = image.inode();
      long own = namers.knowObjectsOf(inode) ? 0 : image.used();
      long only = own + alone.getOrDefault(inode.vdiId().value(), 0L);
      rows.add(
          new Row(
              inode,
              (image.used() + image.shared()) * inode.objectSize(),
              only * inode.objectSize()));
    }
    return new SpaceSurvey(List.copyOf(rows));
  }

  /** Who names the objects of vids of which others than themselves name some. */
  private static final class Namers {
    private static final int SEVERAL = -1;

    /** By owner: for each object the vid that names it, 0 for none. */
    private final Map<Integer, int[]> byOwner = new HashMap<>();

    boolean knowObjectsOf(InodeHeader inode) {
      return byOwner.containsKey(inode.vdiId().value());
    }

    int noteShared(int self, int[] index) {
      int noted = 0;
      for (int i = 0; i < index.length; i++) {
        if (index[i] != 0 && index[i] != self) {
          note(index[i], i, self);
          noted++;
        }
      }
      return noted;
    }

    int noteOwn(int self, int[] index) {
      int noted = 0;
      for (int i = 0; i < index.length; i++) {
        if (index[i] == self) {
          note(self, i, self);
          noted++;
        }
      }
      return noted;
    }

    private void note(int owner, int i, int namer) {
      int[] namers = byOwner.getOrDefault(owner, new int[0]);
      if (i >= namers.length) {
        namers = Arrays.copyOf(namers, Math.max(i + 1, 2 * namers.length));
        byOwner.put(owner, namers);
      }
      namers[i] = namers[i] == 0 ? namer : SEVERAL;
    }

    /** By namer: objects that nobody else names. */
    Map<Integer, Long> alone() {
      Map<Integer, Long> alone = new HashMap<>();
      for (int[] namers : byOwner.values()) {
        for (int namer : namers) {
          if (namer > 0) {
            alone.merge(namer, 1L, Long::sum);
          }
        }
      }
      return alone;
    }
  }
}
