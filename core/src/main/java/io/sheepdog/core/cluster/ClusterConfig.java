package io.sheepdog.core.cluster;

import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code cluster format} decided, and what operators have decided since.
 *
 * @param ctime creation time of the cluster: its identity
 * @param copies default number of replicas (1..31)
 * @param copyPolicy default erasure policy byte, 0 = replication
 * @param blockSizeShift default object size as a power of two (20..31)
 * @param flags cluster flags (spec/wire-protocol.md section 4.2)
 * @param forced where the cluster went on without nodes that it waited for, ascending
 * @param history numbers of copies in earlier epochs
 */
public record ClusterConfig(
    SheepTime ctime,
    int copies,
    int copyPolicy,
    int blockSizeShift,
    int flags,
    List<ForcedStart> forced,
    CopiesHistory history) {
  public ClusterConfig {
    if (copies < 1 || copies > 31 || blockSizeShift < 20 || blockSizeShift > 31) {
      throw new IllegalArgumentException(
          "cluster configuration out of range: copies=" + copies + " shift=" + blockSizeShift);
    }
    if (forced.size() > ForcedStart.MOST) {
      throw new IllegalArgumentException(
          "cluster configuration with " + forced.size() + " forced starts");
    }
    forced = List.copyOf(forced);
  }

  /** What a format decides. */
  public ClusterConfig(SheepTime ctime, int copies, int copyPolicy, int blockSizeShift, int flags) {
    this(ctime, copies, copyPolicy, blockSizeShift, flags, List.of(), CopiesHistory.NONE);
  }

  /** Whether numbers of virtual nodes follow from the sizes of the disks, and are not fixed. */
  public boolean isAutomatic() {
    return (flags & ClusterFlags.AUTO_VNODES) != 0;
  }

  /** Whether recovery begins only where all that is to come has room. */
  public boolean avoidsFullDisks() {
    return (flags & ClusterFlags.AVOID_DISKFULL) != 0;
  }

  /** The newest epoch that began without nodes that were waited for, ZERO if none did. */
  public Epoch lastForced() {
    return forced.isEmpty() ? Epoch.ZERO : forced.get(forced.size() - 1).epoch();
  }

  ClusterConfig withForced(ForcedStart start) {
    List<ForcedStart> all = new ArrayList<>(forced);
    all.add(start);
    int from = Math.max(0, all.size() - ForcedStart.MOST);
    return new ClusterConfig(
        ctime, copies, copyPolicy, blockSizeShift, flags, all.subList(from, all.size()), history);
  }

  ClusterConfig withCopies(int newCopies) {
    return new ClusterConfig(ctime, newCopies, copyPolicy, blockSizeShift, flags, forced, history);
  }

  ClusterConfig withHistory(CopiesHistory newHistory) {
    return newHistory == history
        ? this
        : new ClusterConfig(ctime, copies, copyPolicy, blockSizeShift, flags, forced, newHistory);
  }
}
