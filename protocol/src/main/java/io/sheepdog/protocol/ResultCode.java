package io.sheepdog.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Result codes (wire protocol, section 5) and their texts as {@code collie} of May 2010 and {@code
 * dog} v1.0 print them.
 *
 * <p>The spelling is part of the contract: QEMU, libvirt and Cinder match some of the texts. Codes
 * that 2010 did not know have the same text in both; its internal codes 0x41..0x45 are today's
 * 0x81..0x85.
 */
public enum ResultCode {
  /** Done. */
  SUCCESS(0x00, "Success", "Success"),
  /** Unspecified error. */
  UNKNOWN(0x01, "Unknown error", "Unknown error"),
  /** The object does not exist. */
  NO_OBJ(0x02, "No object found", "No object found"),
  /** The disk failed. */
  EIO(0x03, "I/O error", "I/O error"),
  /** A VDI or exclusive attribute of that name exists. */
  VDI_EXIST(0x04, "VDI exists already", "VDI exists already"),
  /** Bad arguments or unknown opcode. */
  INVALID_PARMS(0x05, "Invalid parameters", "Invalid parameters"),
  /** Internal error. */
  SYSTEM_ERROR(0x06, "System error", "System error"),
  /** Somebody else holds the lock. */
  VDI_LOCKED(0x07, "VDI is already locked", "VDI is already locked"),
  /** No VDI of that name. */
  NO_VDI(0x08, "No vdi found", "No VDI found"),
  /** The base VDI does not exist. */
  NO_BASE_VDI(0x09, "No base VDI found", "No base VDI found"),
  /** The inode could not be read. */
  VDI_READ(0x0a, "Failed read the requested VDI", "Failed to read from requested VDI"),
  /** The inode could not be written. */
  VDI_WRITE(0x0b, "Failed to write the requested VDI", "Failed to write to requested VDI"),
  /** The inode of the base could not be read. */
  BASE_VDI_READ(0x0c, "Failed to read the base VDI", "Failed to read from base VDI"),
  /** The inode of the base could not be written. */
  BASE_VDI_WRITE(0x0d, "Failed to write the base VDI", "Failed to write to base VDI"),
  /** The VDI exists, that snapshot does not; also: no such epoch log. */
  NO_TAG(0x0e, "Failed to find the requested tag", "Failed to find requested tag"),
  /** Starting up. */
  STARTUP(0x0f, "The system is still booting", "System is still booting"),
  /** Release of a VDI that nobody locked. */
  VDI_NOT_LOCKED(0x10, "VDI isn't locked", "VDI is not locked"),
  /** Shutting down. */
  SHUTDOWN(0x11, "The system is shutting down", "System is shutting down"),
  /** Out of memory. */
  NO_MEM(0x12, "Out of memory on the server", "Out of memory on server"),
  /** No free VDI id or attribute slot. */
  FULL_VDI(0x13, "We already have the maximum vdis", "Maximum number of VDIs reached"),
  /** Unacceptable protocol version. */
  VER_MISMATCH(0x14, "Protocol version mismatch", "Protocol version mismatch"),
  /** The store is full. */
  NO_SPACE(0x15, "Server has no space for new objects", "Server has no space for new objects"),
  /** Never formatted. */
  WAIT_FOR_FORMAT(0x16, "Waiting for a format operation", "Waiting for cluster to be formatted"),
  /** Waiting for former members. */
  WAIT_FOR_JOIN(0x17, "Waiting for other nodes joining", "Waiting for other nodes to join cluster"),
  /** Join refused. */
  JOIN_FAILED(0x18, "The node had failed to join sheepdog", "Node has failed to join cluster"),
  /** Too few nodes or zones for I/O. */
  HALT(
      0x19,
      "IO has halted as there are not enough living nodes",
      "IO has halted as there are not enough living nodes"),
  /** Write to a data object of a snapshot. */
  READONLY(0x1a, "Object is read-only", "Object is read-only"),
  /** The client's copy of the inode is stale. */
  INODE_INVALIDATED(0x1d, "Inode object is invalidated", "Inode object is invalidated"),
  /** The request is older than the receiver. */
  OLD_NODE_VER(0x81, "Remote node has an old epoch", "Request has an old epoch"),
  /** The request is newer than the receiver. */
  NEW_NODE_VER(0x82, "Remote node has a new epoch", "Request has a new epoch"),
  /** Not formatted. */
  NOT_FORMATTED(0x83, "Not formatted yet", "Cluster has not been formatted"),
  /** The store belongs to another cluster. */
  INVALID_CTIME(0x84, "Creation time is different", "Creation times differ"),
  /** The epoch makes no sense here. */
  INVALID_EPOCH(0x85, "Invalid epoch", "Invalid epoch"),
  /** A peer cannot be reached. */
  NETWORK_ERROR(0x86, "Network error between sheep", "Network error between sheep"),
  /** Obsolete. */
  NO_CACHE(0x87, "No cache object found", "No cache object found"),
  /** The reply does not fit; enlarge the buffer and ask again. */
  BUFFER_SMALL(0x88, "The buffer is too small", "The buffer is too small"),
  /** Force recovery is not allowed now. */
  FORCE_RECOVER(
      0x89,
      "Cluster is running/halted and cannot be force recovered",
      "Cluster is running/halted and cannot be force recovered"),
  /** Unknown store back end. */
  NO_STORE(0x8a, "Targeted backend store is not found", "Targeted backend store is not found"),
  /** The back end lacks the operation. */
  NO_SUPPORT(0x8b, "Operation is not supported", "Operation is not supported"),
  /** The node is recovering. */
  NODE_IN_RECOVERY(0x8c, "Targeted node is in recovery", "Targeted node is in recovery"),
  /** The node was killed. */
  KILLED(0x8d, "Node is killed", "Node is killed"),
  /** Unused. */
  OID_EXIST(0x8e, "Object ID exists already", "Object ID exists already"),
  /** Try again. */
  AGAIN(0x8f, "Ask to try again", "Ask to try again"),
  /** The copy may be stale. */
  STALE_OBJ(0x90, "Object may be stale", "Object may be stale"),
  /** The cluster driver failed. */
  CLUSTER_ERROR(0x91, "Cluster driver error", "Cluster driver error"),
  /** The VDI is not empty. */
  VDI_NOT_EMPTY(0x92, "VDI is not empty", "VDI is not empty"),
  /** Key lookup failed. */
  NOT_FOUND(0x93, "Not found", "Not found"),
  /** The upload is incomplete. */
  INCOMPLETE(0x94, "Upload is incomplete", "Upload is incomplete"),
  /** The node joined a moment ago. */
  COLLECTING_CINFO(
      0x95, "Node is still collecting the lock state", "Node is still collecting the lock state"),
  /** The node holds no objects. */
  GATEWAY_MODE(0x97, "Targeted node is gateway mode", "Targeted node is gateway mode"),
  /** Automatic and fixed virtual nodes are mixed. */
  INVALID_VNODES_STRATEGY(
      0x98, "Invalid cluster vnodes strategy", "Invalid cluster vnodes strategy"),
  /** The lock checkpoint lacks that VDI. */
  NO_CHECKPOINT_ENTRY(0x99, "No checkpoint of that VDI", "No checkpoint of that VDI");

  private static final ResultCode[] BY_CODE = new ResultCode[256];

  static {
    for (ResultCode result : values()) {
      BY_CODE[result.code] = result;
    }
  }

  private final int code;
  private final String collieText;
  private final String dogText;

  ResultCode(int code, String collieText, String dogText) {
    this.code = code;
    this.collieText = collieText;
    this.dogText = dogText;
  }

  /** The result with that code, or null if there is none; any int may be asked for. */
  public static @Nullable ResultCode fromCode(int code) {
    return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
  }

  /** Text that {@code collie} prints for any code. */
  public static String collieText(int code) {
    ResultCode result = fromCode(code);
    return result == null ? "Invalid error code" : result.collieText;
  }

  /** Text that {@code dog} prints for any code. */
  public static String dogText(int code) {
    ResultCode result = fromCode(code);
    return result == null ? "Invalid error code " + Integer.toHexString(code) : result.dogText;
  }

  /** Value of the u32 result field. */
  public int code() {
    return code;
  }

  /** Text that {@code collie} prints. */
  public String collieText() {
    return collieText;
  }

  /** Text that {@code dog} prints. */
  public String dogText() {
    return dogText;
  }
}
