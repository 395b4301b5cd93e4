package io.sheepdog.core.vdi;

import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
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

  /**
   * The entry of an inode that is in a store (R15): an empty name is a tombstone, with a size left
   * one whose space is not given back yet; a state that no header can say, {@link State#RESERVED},
   * does not come out.
   */
  public static VdiEntry of(InodeHeader header) {
    State state;
    if (header.isDeleted()) {
      state = header.vdiSize() == 0 ? State.TOMBSTONE : State.DELETING;
    } else {
      state = header.isSnapshot() ? State.SNAPSHOT : State.HEAD;
    }
    return new VdiEntry(
        header.vdiId(),
        state,
        header.name(),
        header.tag(),
        header.snapshotId(),
        header.parentVdiId(),
        header.createTime(),
        header.snapshotTime(),
        header.vdiSize(),
        header.vmClockNanos(),
        header.vmStateSize(),
        header.copies(),
        header.copyPolicy(),
        header.storePolicy(),
        header.blockSizeShift());
  }

  /** Whether it is a VDI or a snapshot, and not only a number. */
  public boolean isVisible() {
    return state == State.HEAD || state == State.SNAPSHOT;
  }

  /** The same entry as a snapshot of that time. */
  public VdiEntry asSnapshot(SheepTime time) {
    return with(State.SNAPSHOT, name, tag, time, size, vmClockNanos, vmStateSize);
  }

  /** The same entry with another number of copies. */
  public VdiEntry withCopies(int newCopies) {
    return new VdiEntry(
        vid,
        state,
        name,
        tag,
        snapshotId,
        parent,
        createTime,
        snapshotTime,
        size,
        vmClockNanos,
        vmStateSize,
        newCopies,
        copyPolicy,
        storePolicy,
        blockSizeShift);
  }

  /** The same entry in another state. */
  public VdiEntry inState(State newState) {
    return with(newState, name, tag, snapshotTime, size, vmClockNanos, vmStateSize);
  }

  /** Only the number stays taken, and whose data it started with. */
  public VdiEntry asTombstone() {
    return with(State.TOMBSTONE, "", "", snapshotTime, 0, 0, 0);
  }

  /** Deleted, but some of its space waits for the end of a lock: its size tells so. */
  public VdiEntry asUnsweptTombstone() {
    return with(State.TOMBSTONE, "", "", snapshotTime, size, 0, 0);
  }

  /** The same entry with what clients may change (R14). */
  public VdiEntry withClientFields(
      String newTag, long newSize, long newVmClockNanos, long newVmStateSize) {
    return with(state, name, newTag, snapshotTime, newSize, newVmClockNanos, newVmStateSize);
  }

  private VdiEntry with(
      State newState,
      String newName,
      String newTag,
      SheepTime newSnapshotTime,
      long newSize,
      long newVmClockNanos,
      long newVmStateSize) {
    return new VdiEntry(
        vid,
        newState,
        newName,
        newTag,
        snapshotId,
        parent,
        createTime,
        newSnapshotTime,
        newSize,
        newVmClockNanos,
        newVmStateSize,
        copies,
        copyPolicy,
        storePolicy,
        blockSizeShift);
  }
}
