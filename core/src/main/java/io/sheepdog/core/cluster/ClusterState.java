package io.sheepdog.core.cluster;

import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.id.Epoch;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.PVector;
import io.sheepdog.core.spi.MemberId;

/**
 * Everything the nodes agree on, after a given number of events. Immutable.
 *
 * @param sequence number of events applied so far, from the beginning of the group
 * @param status where the cluster is in its life
 * @param config what format decided, null before
 * @param history epochs from 1 on; the last one is current. Empty before format
 * @param members all members that presented themselves, by driver id
 * @param directory all vids
 * @param locks all locks
 */
public record ClusterState(
    long sequence,
    ClusterStatus status,
    @Nullable ClusterConfig config,
    PVector<EpochRecord> history,
    PMap<MemberId, Member> members,
    VdiDirectory directory,
    LockTable locks) {

  /** Current epoch, ZERO before format. */
  public Epoch epoch() {
    return history.isEmpty() ? Epoch.ZERO : history.get(history.size() - 1).epoch();
  }
}
