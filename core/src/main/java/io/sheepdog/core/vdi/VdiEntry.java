package io.sheepdog.core.vdi;

import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;

/**
 * One used vid.
 *
 * @param vid its id
 * @param state what it is now
 * @param name VDI name; empty for a tombstone
 * @param tag snapshot tag, empty for none
 * @param snapshotId 1, 2, ... per name
 * @param parent vid whose contents it started with, NONE for none
 * @param createTime when
 * @param snapshotTime when it became a snapshot, zero for a head
 * @param size bytes
 * @param vmClockNanos as QEMU wrote it
 * @param vmStateSize as QEMU wrote it, bytes
 * @param copies replicas of its objects
 * @param copyPolicy erasure policy byte
 * @param storePolicy 0 flat, 1 hyper volume
 * @param blockSizeShift object size as a power of two
 */
public record VdiEntry(
    VdiId vid,
    State state,
    String name,
    String tag,
    int snapshotId,
    VdiId parent,
    SheepTime createTime,
    SheepTime snapshotTime,
    long size,
    long vmClockNanos,
    long vmStateSize,
    int copies,
    int copyPolicy,
    int storePolicy,
    int blockSizeShift) {

  /** Life of a vid. Its in-use bit is set in every state and never cleared (R15). */
  public enum State {
    /** Picked, inode not yet durable; counts as naming every object of its family (R8). */
    RESERVED,
    /** The working VDI of its name. */
    HEAD,
    /** Read-only generation. */
    SNAPSHOT,
    /** Deleted; its space is being reclaimed. */
    DELETING,
    /** Deleted or never committed; only the number is taken. */
    TOMBSTONE
  }
}
