package io.sheepdog.cli.space;

import io.sheepdog.protocol.inode.InodeHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which objects the images and snapshots of a cluster name, and which of them only one names: these
 * its deletion gives back. Images are looked at in groups that can share objects at all, so no more
 * is in memory at a time than one group names.
 *
 * @param rows in the order of the images
 */
record SpaceSurvey(List<Row> rows) {
  private static final int INDEX_BITS = 32;

  /**
   * One image or snapshot.
   *
   * @param named bytes of the objects that it names
   * @param alone bytes of those that nobody else names
   */
  record Row(InodeHeader inode, long named, long alone) {}

  /**
   * Looks at all.
   *
   * @param indexes entries of each image, vid by object index, 0 for a hole
   */
  static SpaceSurvey of(List<InodeHeader> inodes, List<int[]> indexes) {
    Map<Integer, Integer> groups = new HashMap<>();
    for (int i = 0; i < inodes.size(); i++) {
      int self = inodes.get(i).vdiId().value();
      join(groups, self, self);
      int last = 0;
      for (int owner : indexes.get(i)) {
        if (owner != 0 && owner != last) {
          join(groups, self, owner);
          last = owner;
        }
      }
    }
    Map<Integer, List<Integer>> members = new HashMap<>();
    for (int i = 0; i < inodes.size(); i++) {
      int root = root(groups, inodes.get(i).vdiId().value());
      members.computeIfAbsent(root, key -> new ArrayList<>()).add(i);
    }
    Row[] rows = new Row[inodes.size()];
    members.values().forEach(group -> survey(inodes, indexes, group, rows));
    return new SpaceSurvey(List.of(rows));
  }

  private static void join(Map<Integer, Integer> groups, int vid, int other) {
    groups.putIfAbsent(vid, vid);
    groups.putIfAbsent(other, other);
    groups.put(root(groups, other), root(groups, vid));
  }

  private static int root(Map<Integer, Integer> groups, int vid) {
    int root = vid;
    for (int up = up(groups, root); up != root; up = up(groups, root)) {
      root = up;
    }
    for (int at = vid; at != root; ) {
      int next = up(groups, at);
      groups.put(at, root);
      at = next;
    }
    return root;
  }

  private static int up(Map<Integer, Integer> groups, int vid) {
    return groups.getOrDefault(vid, vid);
  }

  private static void survey(
      List<InodeHeader> inodes, List<int[]> indexes, List<Integer> group, Row[] rows) {
    long[] all = new long[0];
    for (int i : group) {
      long[] keys = keys(indexes.get(i));
      int before = all.length;
      all = Arrays.copyOf(all, before + keys.length);
      System.arraycopy(keys, 0, all, before, keys.length);
    }
    Arrays.sort(all);
    for (int i : group) {
      InodeHeader inode = inodes.get(i);
      long named = 0;
      long alone = 0;
      for (long key : keys(indexes.get(i))) {
        named++;
        int at = Arrays.binarySearch(all, key);
        boolean shared =
            (at > 0 && all[at - 1] == key) || (at + 1 < all.length && all[at + 1] == key);
        alone += shared ? 0 : 1;
      }
      rows[i] = new Row(inode, named * inode.objectSize(), alone * inode.objectSize());
    }
  }

  private static long[] keys(int[] index) {
    long[] keys = new long[index.length];
    int count = 0;
    for (int i = 0; i < index.length; i++) {
      if (index[i] != 0) {
        keys[count++] = (long) index[i] << INDEX_BITS | i;
      }
    }
    return Arrays.copyOf(keys, count);
  }
}
