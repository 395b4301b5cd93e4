package io.sheepdog.core.replica;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.HashSet;
import java.util.Set;

/**
 * What a node answers whose disk has failed and will be given up: nothing that a client would get
 * to see as an error, because the epoch without that disk is about to begin. While no other node
 * holds objects there is nothing to wait for, and errors are told.
 */
final class FailedDisk {
  private final ClusterView cluster;
  private final ObjectStore store;

  /** Of the copies that are here; they cannot be removed any more. */
  private final Set<ObjectId> removed = new HashSet<>();

  FailedDisk(ClusterView cluster, ObjectStore store) {
    this.cluster = cluster;
    this.store = store;
  }

  /**
   * What to answer to a request without looking at it; SUCCESS for those that are to be tried.
   * Copies that the failure has not harmed can be read as long as the disk gives them.
   */
  ResultCode refusal(PeerRequest peer) {
    if (!isGivenUp()) {
      return ResultCode.SUCCESS;
    }
    return switch (peer.operation()) {
      case PEER_WRITE, PEER_CREATE, PEER_COPY, PEER_REPAIR, PEER_CLEAN, PEER_PATCH ->
          ResultCode.AGAIN;
      // a flush asks so whether the copy is here and durable
      case PEER_READ -> peer.body().length() == 0 ? ResultCode.AGAIN : ResultCode.SUCCESS;
      default -> ResultCode.SUCCESS;
    };
  }

  /** The answer to a change that the store has carried out, or not. */
  ResultCode toResult(StoreStatus status) {
    return status == StoreStatus.IO_ERROR && isGivenUp()
        ? ResultCode.NETWORK_ERROR
        : ReplicaService.toResult(status);
  }

  /** The answer to a request that was not begun because the object could not be brought here. */
  ResultCode notBegun(ResultCode code) {
    return code == ResultCode.EIO && isGivenUp() ? ResultCode.AGAIN : code;
  }

  /** The answer to PEER_SYNC: NO_OBJ when what is here counts no more. */
  ResultCode toSyncResult(StoreStatus status) {
    return status == StoreStatus.IO_ERROR && isGivenUp()
        ? ResultCode.NO_OBJ
        : ReplicaService.toResult(status);
  }

  /** An object was removed: copies that are here count no more. */
  StoreStatus remove(ObjectId oid) {
    if (store.holds(oid) || !store.epochsSetAside(oid).isEmpty()) {
      removed.add(oid);
    }
    return StoreStatus.OK;
  }

  /**
   * Whether copies that are here do not count: the object was removed, or its homes have it since
   * an epoch in which this node has been without a disk.
   */
  boolean isObsolete(ObjectId oid) {
    return removed.contains(oid) || (store.failure() != null && isEmptyHanded());
  }

  private boolean isEmptyHanded() {
    ClusterState state = cluster.state();
    return state.recovery().complete().equals(cluster.servingEpoch())
        && state.members().values().stream()
            .filter(member -> cluster.isSelf(member.node().address()))
            .anyMatch(member -> member.node().space() == 0);
  }

  /** Whether the others go on without it: then nothing is to be changed here any more. */
  boolean isGivenUp() {
    if (store.failure() == null) {
      return false;
    }
    ClusterState state = cluster.state();
    return state.members().values().stream()
        .filter(member -> cluster.isSelf(member.node().address()))
        .anyMatch(member -> state.isStoredElsewhere(member.node().address()));
  }
}
