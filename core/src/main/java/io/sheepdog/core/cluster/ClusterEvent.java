package io.sheepdog.core.cluster;

import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A totally ordered event. All that an event needs to be applied is in it (times and addresses of
 * its originator included): nodes apply it without looking at a clock or a disk. The sender's
 * {@code MemberId} comes from the driver.
 */
public sealed interface ClusterEvent {

  /**
   * A daemon that the driver already lists as a member presents itself.
   *
   * @param node its address, zone, weight
   * @param storeId identity of its store
   * @param incarnation random number of this start
   * @param config configuration its store knows, null when never formatted
   * @param newestEpoch newest epoch its store knows, null when none
   * @param time its wall clock
   */
  record JoinRequest(
      NodeEntry node,
      long storeId,
      long incarnation,
      @Nullable ClusterConfig config,
      @Nullable EpochRecord newestEpoch,
      SheepTime time)
      implements ClusterEvent {}

  /**
   * The oldest synced member tells a joiner from whom it can fetch the state.
   *
   * @param joiner who is meant
   * @param sources addresses of the synced members, oldest first
   */
  record Welcome(MemberId joiner, List<NodeAddress> sources) implements ClusterEvent {
    /** Copies the list. */
    public Welcome {
      sources = List.copyOf(sources);
    }
  }

  /**
   * The sender has the state and everything since: it counts from here on.
   *
   * @param time its wall clock
   */
  record MemberReady(SheepTime time) implements ClusterEvent {}

  /**
   * {@link ClusterStatus#STARTING}: the sender has gathered the VDI headers of all members.
   *
   * @param start {@link ClusterState#startedAt()} of the gathering
   * @param digest of what it gathered; must be the same on all
   */
  record DirectoryReady(long start, long digest) implements ClusterEvent {}

  /**
   * Says when an epoch began that a departure caused (departures carry no time); sent by the oldest
   * member.
   *
   * @param epoch the epoch
   * @param time its wall clock
   */
  record EpochTime(Epoch epoch, SheepTime time) implements ClusterEvent {}

  /**
   * {@code cluster format}: epoch 1 begins with the present members, everything before is gone;
   * time is the sender's wall clock.
   */
  record Format(ClusterConfig config, SheepTime time) implements ClusterEvent {}

  /**
   * {@code cluster recover force}: a cluster that waits goes on without those of its newest epoch
   * that are not here. Refused with FORCE_RECOVER unless it waits; with INVALID_EPOCH if another
   * epoch is the newest by now, or a node is away that the operator did not give up; with AGAIN
   * while somebody is about to join.
   *
   * @param epoch the newest epoch that the operator saw
   * @param missing identities of the stores that he gives up; some of them may be here by now
   * @param id {@link ForcedStart#id()}, never 0
   */
  record ForceStart(Epoch epoch, List<Long> missing, long id) implements ClusterEvent {
    /** Copies the list. */
    public ForceStart {
      missing = List.copyOf(missing);
    }
  }

  /**
   * {@code vdi alter-copy} and {@code cluster alter-copy}: from a new epoch on objects have another
   * number of copies. Refused with NO_VDI for what is no working VDI, with INVALID_PARMS for one
   * that shares objects with others, with AGAIN while it is being snapshotted or an earlier change
   * is under way.
   *
   * @param vid whose objects; NONE for the default of new VDIs, which attributes have, too
   * @param copies 1..31
   */
  record AlterCopies(VdiId vid, int copies) implements ClusterEvent {}

  /** The inode says, durably, how many copies the objects of its VDI have since that epoch. */
  record CopiesWritten(VdiId vid, Epoch epoch) implements ClusterEvent {}

  /** {@code cluster shutdown}. */
  record Shutdown() implements ClusterEvent {}

  /** How a new vid comes about. */
  enum ReserveKind {
    /** New VDI, empty. */
    CREATE,
    /** New VDI that starts with the contents of the snapshot {@code base}. */
    CLONE,
    /**
     * {@code base} (the head) becomes a snapshot; the new vid is the head. Freezes {@code base}
     * until committed or aborted (R11).
     */
    SNAPSHOT,
    /**
     * The new vid becomes the head and starts with the contents of the snapshot {@code base}; a
     * present head of that name becomes a (safety) snapshot. Freezes the present head.
     */
    BRANCH
  }

  /**
   * Picks the vid of a new VDI, in order (the same on every node), and sets its in-use bit for good
   * (R15).
   *
   * @param name VDI name
   * @param base vid whose contents it starts with, NONE for CREATE
   * @param size bytes
   * @param copies replicas, resolved (never 0)
   * @param copyPolicy erasure policy byte
   * @param storePolicy 0 flat, 1 hyper volume
   * @param blockSizeShift resolved (20..31)
   * @param time creation time
   * @param client address of the asking client as text, for R13
   */
  record VdiReserve(
      ReserveKind kind,
      String name,
      VdiId base,
      long size,
      int copies,
      int copyPolicy,
      int storePolicy,
      int blockSizeShift,
      SheepTime time,
      String client)
      implements ClusterEvent {}

  /**
   * The inode of a reserved vid is durable: it becomes visible, freezes end, the lock follows
   * (R11).
   */
  record VdiCommit(VdiId vid, InodeHeader header) implements ClusterEvent {}

  /** A reservation is given up; its vid stays a tombstone (R15), freezes end. */
  record VdiAbort(VdiId vid) implements ClusterEvent {}

  /**
   * A head or snapshot stops being visible (tombstone); its space is reclaimed afterwards. Refused
   * with VDI_LOCKED when the head is locked by another client address (R13).
   */
  record VdiDelete(VdiId vid, String client) implements ClusterEvent {}

  /**
   * QEMU's "go to snapshot": the head becomes a safety snapshot, the name has no head until NEW_VDI
   * branches (R13).
   */
  record VdiRetire(VdiId vid, SheepTime time, String client) implements ClusterEvent {}

  /**
   * The tombstone of a deleted vid is durable and its objects are gone, but for those that the
   * holder of a lock may have created and not yet indexed. Refused with AGAIN when more vids of its
   * family are dead by now: a deletion that began meanwhile may have left its objects to this one's
   * sweep; when the lock has ended meanwhile; and when the epoch is another: a gateway that died
   * may not have given back what its last index writes dropped.
   *
   * @param dead how many vids of the family were deleted or never came to be when the sweep began
   * @param held whether the vid was in the lineage of a lock when the sweep began
   * @param epoch when the sweep began
   */
  record VdiPurged(VdiId vid, int dead, boolean held, Epoch epoch) implements ClusterEvent {}

  /**
   * A client wrote fields of an inode header that clients may write (R14); the inode itself is
   * already durable.
   *
   * @param size bytes; a smaller one than the VDI has counts only if it was meant
   * @param smaller whether it was: QEMU sends back what it read at open, which may be old
   */
  record HeaderChanged(
      VdiId vid, String tag, long size, boolean smaller, long vmClockNanos, long vmStateSize)
      implements ClusterEvent {}

  /** How a lock is held. */
  enum LockKind {
    /** By LOCK_VDI: ends a grace period after the client's last connection closed. */
    CLIENT,
    /**
     * By LOCK_VDI of an iSCSI target, which works over any number of connections: ends a grace
     * period after the last of them closed.
     */
    SHARED,
    /** Taken by a write of a client that never locked: ends with that connection. */
    IMPLICIT,
    /** {@code collie vdi lock}: ends only by release or with its gateway. */
    HELD,
    /**
     * By LOCK_VDI of a server inside the daemon for one of its clients: exclusive, lives and dies
     * with the session that asked for it.
     */
    ATTACHED
  }

  /** Asks for the lock of a working VDI. Outcome {@link Outcome.Locked}, or VDI_LOCKED. */
  record LockAcquire(VdiId vid, String client, LockKind kind, SheepTime time)
      implements ClusterEvent {}

  /**
   * A client of an orphaned or surviving lock shows up at another gateway: the lock moves there,
   * with a new generation (R12).
   */
  record LockAttach(VdiId vid, long generation, String client) implements ClusterEvent {}

  /**
   * Ends a lock; {@code generation} 0 = whatever generation it has (RELEASE_VDI), else only that
   * one (grace period over).
   */
  record LockRelease(VdiId vid, long generation) implements ClusterEvent {}

  /**
   * The sender holds, durably, every object that it has to hold in that epoch. Refused with
   * INVALID_EPOCH when the epoch is another by now.
   */
  record Recovered(Epoch epoch) implements ClusterEvent {}

  /** {@code cluster recover disable} (paused) or {@code enable}. */
  record RecoverySwitch(boolean paused) implements ClusterEvent {}

  /**
   * The sender has had no answer from a member for some seconds, or has one again.
   *
   * @param accused about whom
   * @param silent false when it answers again
   */
  record Complaint(MemberId accused, boolean silent) implements ClusterEvent {}

  /**
   * The sender's disk has failed: it holds no objects any more and goes on as a gateway. Refused
   * with HALT when no other member holds any.
   */
  record DiskLost() implements ClusterEvent {}

  /**
   * {@code node vnodes set}: the sender has another number of virtual nodes from a new epoch on.
   * Refused with INVALID_VNODES_STRATEGY unless numbers of virtual nodes are fixed, and with
   * GATEWAY_MODE if the sender holds no objects.
   *
   * @param vnodes 1..65535
   */
  record SetVnodes(int vnodes) implements ClusterEvent {}

  /**
   * {@code cluster reweight}: from a new epoch on members weigh as much as their disks are large
   * now; those whose disks have not changed by 1 % keep their weight. Refused with
   * INVALID_VNODES_STRATEGY where numbers of virtual nodes are fixed, and with HALT if nobody would
   * hold objects any more.
   */
  record Reweigh(List<DiskSize> sizes) implements ClusterEvent {
    /** Copies the list. */
    public Reweigh {
      sizes = List.copyOf(sizes);
    }
  }
}
