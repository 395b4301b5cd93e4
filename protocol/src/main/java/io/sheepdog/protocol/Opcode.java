package io.sheepdog.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Operation codes of v1.0 (wire protocol, section 6) and, from 0xe0 on, those that our own daemons
 * and tools use.
 *
 * <p>Codes that v1.0 defines without implementing them are left out: like any unknown code they are
 * answered with {@link ResultCode#INVALID_PARMS}.
 *
 * <p><b>Our own codes</b> 0xe0..0xff carry the internal version byte {@link
 * ProtocolVersion#INTERNAL}; all but NODE_STATUS, NODE_NBD, VDI_LOCKS and VDI_USAGE obey the epoch
 * rules of peer operations. Flags keep their meaning ({@link RequestFlags#WRITE} announces a
 * payload, without {@link RequestFlags#CACHE} a write is durable before its reply).
 */
public enum Opcode {
  /** Creates an object, zero-filled or copied from a source, and writes the payload into it. */
  CREATE_AND_WRITE_OBJ(0x01, OperationClass.GATEWAY, Admission.ONLY_WHEN_RUNNING),
  /** Reads a range of an object. */
  READ_OBJ(0x02, OperationClass.GATEWAY, Admission.ONLY_WHEN_RUNNING),
  /** Writes a range of an existing object. */
  WRITE_OBJ(0x03, OperationClass.GATEWAY, Admission.ONLY_WHEN_RUNNING),
  /** Removes an object from all its owners. */
  REMOVE_OBJ(0x04, OperationClass.GATEWAY, Admission.ONLY_WHEN_RUNNING),
  /** Drops one data object of a VDI (old QEMU only). */
  DISCARD_OBJ(0x05, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Creates a VDI, a clone, or (snapid set) a snapshot. */
  NEW_VDI(0x11, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Looks a VDI up and locks it for the client. */
  LOCK_VDI(0x12, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Gives a lock back. */
  RELEASE_VDI(0x13, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Looks a VDI up without locking it. */
  GET_VDI_INFO(0x14, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Bitmap of the VDI ids in use. */
  READ_VDIS(0x15, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Makes acknowledged writes of a VDI durable; the object id is in the object layout. */
  FLUSH_VDI(0x16, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Deletes a VDI or a snapshot. */
  DEL_VDI(0x17, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Default copies, policy and block size shift. */
  GET_CLUSTER_DEFAULT(0x18, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Members, sorted by address and port. */
  GET_NODE_LIST(0x82, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Formats the cluster. */
  MAKE_FS(0x84, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** Stops the whole cluster. */
  SHUTDOWN(0x85, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** Store size and free space of the receiving node. */
  STAT_SHEEP(0x86, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Epoch log, newest first; the result code mirrors the cluster state. */
  STAT_CLUSTER(0x87, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Finds, creates or deletes a VDI attribute. */
  GET_VDI_ATTR(0x89, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Goes on without the members that did not come back. */
  FORCE_RECOVER(0x8a, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** Names of the store back ends. */
  GET_STORE_LIST(0x90, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Purges stale objects. */
  CLEANUP(0x94, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** State of the tracer. */
  TRACE_STATUS(0x95, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Reads trace records. */
  TRACE_READ_BUF(0x96, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Progress of recovery on the receiving node. */
  STAT_RECOVERY(0x97, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** No operation, kept for old clients. */
  FLUSH_DEL_CACHE(0x98, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Drops a VDI from object list caches. */
  NOTIFY_VDI_DEL(0x99, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** Stops the receiving node. */
  KILL_NODE(0x9a, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Switches a tracer on. */
  TRACE_ENABLE(0x9b, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Switches a tracer off. */
  TRACE_DISABLE(0x9c, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Object ids held by the receiving node. */
  GET_OBJ_LIST(0xa1, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Node list of a past epoch. */
  GET_EPOCH(0xa2, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Creates an object in the local store. */
  CREATE_AND_WRITE_PEER(0xa3, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Reads from the local store. */
  READ_PEER(0xa4, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Writes to the local store. */
  WRITE_PEER(0xa5, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Removes from the local store. */
  REMOVE_PEER(0xa6, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Switches recovery on. */
  ENABLE_RECOVER(0xa8, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Switches recovery off. */
  DISABLE_RECOVER(0xa9, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** State of every VDI. */
  GET_VDI_COPIES(0xab, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** A member finished recovery of an epoch. */
  COMPLETE_RECOVERY(0xac, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** Announces a VDI id with its redundancy. */
  NOTIFY_VDI_ADD(0xaf, OperationClass.CLUSTER, Admission.ALSO_WHILE_WAITING),
  /** No operation, kept for old clients. */
  DELETE_CACHE(0xb0, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Disks of the receiving node. */
  MD_INFO(0xb1, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Adds disks. */
  MD_PLUG(0xb2, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Removes disks. */
  MD_UNPLUG(0xb3, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** SHA-1 of a local object. */
  GET_HASH(0xb4, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Recomputes virtual nodes from the present disk space. */
  REWEIGHT(0xb5, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Request counters of the receiving node. */
  STAT(0xb8, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Log level of the receiving node. */
  GET_LOGLEVEL(0xb9, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Changes the log level. */
  SET_LOGLEVEL(0xba, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Whether the receiving node holds an object. */
  EXIST(0xbd, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Everything about the cluster in one structure. */
  CLUSTER_INFO(0xbe, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Changes the default number of copies. */
  ALTER_CLUSTER_COPY(0xbf, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Changes the number of copies of a VDI. */
  ALTER_VDI_COPY(0xc0, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Historical reference counting: drops a reference. */
  DECREF_OBJ(0xc1, OperationClass.GATEWAY, Admission.ONLY_WHEN_RUNNING),
  /** Historical reference counting on the local store. */
  DECREF_PEER(0xc2, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Fetches an object from a given node. */
  REPAIR_REPLICA(0xc5, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Which of the listed objects are missing here. */
  OIDS_EXIST(0xc6, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Lock state kept for a joining node. */
  VDI_STATE_CHECKPOINT_CTL(0xc7, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Shared locks: validates or invalidates inode copies. */
  INODE_COHERENCE(0xc8, OperationClass.CLUSTER, Admission.ONLY_WHEN_RUNNING),
  /** Bitmap of the deleted VDI ids. */
  READ_DEL_VDIS(0xc9, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Recovery throttle. */
  GET_RECOVERY(0xca, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Changes the recovery throttle. */
  SET_RECOVERY(0xcb, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Changes the fixed number of virtual nodes. */
  SET_VNODES(0xcc, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Number of virtual nodes of the receiving node. */
  GET_VNODES(0xcd, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Ours: reads a range of a local object. */
  PEER_READ(0xe0, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: writes a range of a local object. */
  PEER_WRITE(0xe1, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: creates a local object with a piece of data. */
  PEER_CREATE(0xe2, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: removes a local object. */
  PEER_REMOVE(0xe3, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: makes every local object of a VDI durable. */
  PEER_SYNC(0xe4, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: ids of the local objects of a VDI; the answer is a list of u64. */
  PEER_LIST(0xe5, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /** Ours: asks whether the receiver has applied the ordered event of that sequence number. */
  PEER_CONFIRM(0xe6, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /**
   * Ours: waits until the writes in flight of a VDI are done: all of them (freeze before a
   * snapshot), or those under earlier locks (before a lock is used).
   */
  PEER_DRAIN(0xe7, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: hands the cluster state as of a sequence number to a joining member. */
  PEER_STATE(0xe8, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /** Ours: reads an object, piece by piece, for its new home. */
  PEER_FETCH(0xe9, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /** Ours: inode headers that the receiver holds. */
  PEER_DIRECTORY(0xea, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /**
   * Ours: first request on a connection between daemons. The receiver drops earlier connections of
   * the same sender, so a request that was still on its way there cannot overtake later ones.
   */
  PEER_HELLO(0xeb, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /**
   * Ours: whether the receiver is a member of the cluster, and a sentence (UTF-8) on why it serves
   * nothing, empty if it serves. For people at a command line and for daemons that look whether
   * another has ended, so it is answered also by a node that is no member.
   */
  NODE_STATUS(0xec, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Ours: asks for the receiver's vote for the sender's lease as a gateway (R5). */
  PEER_LEASE(0xed, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /**
   * Ours: ids of the objects that the receiver has any copy of, those set aside included: the ones
   * greater (unsigned) than the object id of the request, ascending. The answer is a list of u64,
   * at most as many as there is room for, and {@code aux} is 1 when there are more.
   */
  PEER_OBJECTS(0xee, OperationClass.PEER, Admission.ALSO_WHILE_WAITING),
  /**
   * Ours: the writes that the receiver knows to be on some replicas only, perhaps, because the
   * gateway that made them is gone (R16), or because all nodes have ended and the object was dirty
   * (R10). The answer is a list of object id u64, first byte u32, and end u32, one per object: the
   * ones greater (unsigned) than the object id of the request, ascending, at most as many as there
   * is room for; {@code aux} is 1 when there are more.
   */
  PEER_TORN(0xef, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: what the first home of such an object has there, for the other homes; without payload:
   * the object is the same everywhere now (R16).
   */
  PEER_REPAIR(0xf0, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: checksums of the blocks of the receiver's best copy, after it was made durable; {@code
   * aux} is the newest epoch whose writes are in it. The answer is a list of u64, the last two of
   * them the version of that copy for {@link #PEER_CLEAN}, and 1 if it may lack writes that were
   * not synced when its machine was started again.
   */
  PEER_DIGEST(0xf1, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: a request waits for the repair of that object, of which the receiver is the first home.
   */
  PEER_REPAIR_SOON(0xf2, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: all replicas of an object are the same, and durable: the receiver takes its dirty mark
   * away if its copy still is of the version in the payload, a u64 (R10).
   */
  PEER_CLEAN(0xf3, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /** Ours: reads a range of the receiver's copy if it still is of the version in the request. */
  PEER_PIECE(0xf4, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: overwrites a range of the receiver's copy, durably, if it still is of the version in the
   * request; {@code aux} is the version that it has then.
   */
  PEER_PATCH(0xf5, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: whether a change of that object is under way at the receiver's gateway; {@code aux} is 1
   * or 0. Answered at once.
   */
  PEER_CHANGES(0xf6, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: compares all copies of an object now, and makes them the same if the length in the
   * request is 1 and not 0. Any member may be asked, in the epoch that it serves; the answer is an
   * {@link io.sheepdog.protocol.payload.ObjectComparison}.
   */
  PEER_COMPARE(0xf7, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: creates a local object as a copy of a local object of a snapshot, with a piece of data
   * over it. Answered with {@link ResultCode#STALE_OBJ}, and nothing changed, if the receiver has
   * no good copy of that; {@code aux} is a checksum of what was copied, if the request asks for
   * one.
   */
  PEER_COPY(0xf8, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: header and space of the VDIs and snapshots of whose inodes the receiver is the first
   * home, from the vid of the object id in the request to the one that is its length. The answer
   * has a vid u32, a length u16, and a {@link io.sheepdog.protocol.payload.VdiUsage} of that length
   * for each of them that the receiver can tell of, as far as there is room.
   */
  PEER_USAGE(0xf9, OperationClass.PEER, Admission.ONLY_WHEN_RUNNING),
  /**
   * Ours: VDIs and snapshots with the space that they use, {@link
   * io.sheepdog.protocol.payload.VdiUsage} each, ascending by vid, as many as there is room for;
   * for command line tools. {@code aux} is the vid to go on with, 0 after the last; of a failure
   * the vid that it is about.
   */
  VDI_USAGE(0xfc, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING),
  /** Ours: where the receiver serves NBD; for command line tools. */
  NODE_NBD(0xfe, OperationClass.LOCAL, Admission.ALSO_WHILE_WAITING),
  /** Ours: all locks, with who holds them; for command line tools. */
  VDI_LOCKS(0xfd, OperationClass.LOCAL, Admission.ONLY_WHEN_RUNNING);

  private static final Opcode[] BY_CODE = new Opcode[256];

  static {
    for (Opcode opcode : values()) {
      BY_CODE[opcode.code] = opcode;
    }
  }

  private final int code;
  private final OperationClass operationClass;
  private final Admission admission;

  Opcode(int code, OperationClass operationClass, Admission admission) {
    this.code = code;
    this.operationClass = operationClass;
    this.admission = admission;
  }

  /** The operation with that code, or null if there is none; any int may be asked for. */
  public static @Nullable Opcode fromCode(int code) {
    return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
  }

  /** Value of the opcode byte, 1..255. */
  public int code() {
    return code;
  }

  /** Where and in which order the operation runs. */
  public OperationClass operationClass() {
    return operationClass;
  }

  /** Whether the code is 0x80 or above: nodes and admin tools only, strict version check. */
  public boolean isInternal() {
    return ProtocolVersion.isInternal(code);
  }

  /**
   * Whether the operation is executed although the cluster waits for a format or for members
   * (section 7).
   */
  public boolean isForce() {
    return admission == Admission.ALSO_WHILE_WAITING;
  }

  /** Whether only our own daemons know the operation. */
  public boolean isOurs() {
    return code >= PEER_READ.code;
  }

  /** The version byte that our requests with this opcode carry. */
  public int protocolVersion() {
    return ProtocolVersion.forOpcode(code);
  }

  private enum Admission {
    ONLY_WHEN_RUNNING,
    ALSO_WHILE_WAITING
  }
}
