package io.sheepdog.core.spi;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The objects that this node holds (one replica each).
 *
 * <p>Operations on one object take effect in the order in which they were submitted; operations on
 * different objects are independent. Buffers handed in are not consumed: the store retains what it
 * needs beyond the call and releases it. "Durable" means on stable storage before the stage
 * completes (with {@code sheep -n}: in the page cache).
 */
public interface ObjectStore {
  /** Whether a current copy of {@code oid} is here (in memory, no I/O). */
  boolean holds(ObjectId oid);

  /**
   * Every current object of one VDI id, any kind (data, inode, vmstate, attribute), ascending (in
   * memory, no I/O).
   */
  List<ObjectId> objectsOf(VdiId vid);

  /** Every current object, ascending (in memory, no I/O). */
  List<ObjectId> objects();

  /** Reads {@code length} bytes from {@code offset}. */
  CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length);

  /**
   * Overwrites part of an existing object.
   *
   * @param durable false only for a write with the CACHE flag (P1): then {@link #sync} makes it
   *     durable later
   */
  CompletionStage<StoreStatus> write(ObjectId oid, long offset, ByteBuf data, boolean durable);

  /**
   * Creates an object of {@code attributes.size()} bytes, zero except for {@code data} at {@code
   * offset}; replaces one that exists, atomically. Always durable when the stage completes (R7),
   * metadata and name included.
   *
   * <p>A store keeps a reserve of its disk for what must always work: deleting, and its own
   * records. Once that is all that is left an object that is not here yet is refused with {@link
   * StoreStatus#NO_SPACE}; one that exists is still replaced.
   */
  CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data);

  /**
   * The same for an object that other nodes have: {@code data} is at its beginning. Nobody has
   * asked this node for it, so it is not kept in memory; and an inode may use the reserve, because
   * without it no VDI can be deleted.
   */
  CompletionStage<StoreStatus> createCopy(ObjectId oid, ObjectAttributes attributes, ByteBuf data);

  /**
   * Creates an object as a copy of another one of the same size, which nothing changes meanwhile,
   * with {@code data} over it at {@code offset}; else like {@link #create}. What the source has as
   * a hole, or as zeros, may be a hole of the new object.
   *
   * <p>{@link StoreStatus#NO_OBJECT} if there is no such source of that size, {@link
   * StoreStatus#DAMAGED} if its bytes are not those that were written, or cannot be read: nothing
   * is changed then.
   *
   * @param isSummed whether a checksum of what was copied is wanted. It is the same wherever an
   *     equal object was copied under the same range of data; but for collisions of CRC-32C it
   *     differs where the bytes differ
   */
  CompletionStage<CopyOutcome> copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed);

  /** Removes an object; {@link StoreStatus#NO_OBJECT} when there was none. */
  CompletionStage<StoreStatus> remove(ObjectId oid);

  /** Makes durable what was written to any object of this VDI id and not yet synced. */
  CompletionStage<StoreStatus> sync(VdiId vid);

  /**
   * Sets a copy aside that no longer belongs here (it is kept as {@code obj/.stale/<oid>.<epoch>}).
   *
   * @param lastValid the newest epoch in which the copy was current
   */
  CompletionStage<StoreStatus> setAside(ObjectId oid, Epoch lastValid);

  /**
   * Makes a copy that was set aside the current one again, durably, as it is; an object that is
   * here is replaced. {@link StoreStatus#NO_OBJECT} when there is no such copy.
   *
   * @param lastValid the epoch that {@link #setAside} was given
   * @param attributes of the object from now on; of the same size
   */
  CompletionStage<StoreStatus> takeBack(ObjectId oid, Epoch lastValid, ObjectAttributes attributes);

  /**
   * The epochs of which a copy of {@code oid} was set aside and is still here, ascending (in
   * memory, no I/O).
   */
  List<Epoch> epochsSetAside(ObjectId oid);

  /**
   * Every object of which a copy was set aside and is still here, ascending (in memory, no I/O).
   */
  List<ObjectId> objectsSetAside();

  /**
   * Removes a copy that was set aside, durably; {@link StoreStatus#NO_OBJECT} when there is none.
   *
   * @param lastValid the epoch that {@link #setAside} was given
   */
  CompletionStage<StoreStatus> purge(ObjectId oid, Epoch lastValid);

  /**
   * Reads {@code length} bytes from {@code offset} of a copy that was set aside.
   *
   * @param lastValid the epoch that {@link #setAside} was given; {@link StoreStatus#NO_OBJECT} when
   *     there is no such copy
   */
  CompletionStage<ReadOutcome> readSetAside(ObjectId oid, Epoch lastValid, long offset, int length);

  /**
   * Makes an object durable, whoever wrote it, and reads it for its checksums.
   *
   * <p>Takes milliseconds, in which nothing else happens to the object. The version stays the same
   * as long as nothing changes the object.
   */
  CompletionStage<DigestOutcome> digest(ObjectId oid);

  /**
   * Reads if the object is as it was when {@link #digest} or {@link #patch} gave that version, else
   * {@link StoreStatus#CHANGED}; also when so many others were summed up since that this is not
   * known any more.
   */
  CompletionStage<ReadOutcome> readVersion(ObjectId oid, long version, long offset, int length);

  /**
   * Overwrites part of an object, durably, if it is as it was when {@link #digest} or {@link
   * #patch} gave that version, else {@link StoreStatus#CHANGED}.
   */
  CompletionStage<PatchOutcome> patch(ObjectId oid, long version, long offset, ByteBuf data);

  /**
   * The same for a copy that was set aside.
   *
   * @param lastValid the epoch that {@link #setAside} was given
   */
  CompletionStage<DigestOutcome> digestSetAside(ObjectId oid, Epoch lastValid);

  /**
   * The objects that may differ from their replicas (R10): they were written, by this process or an
   * earlier one, and nobody has said since that all replicas agree. Ascending (in memory, no I/O).
   */
  List<ObjectId> dirtyObjects();

  /**
   * All replicas have the same checksums: the object is not dirty any more (R10), unless it has
   * been changed since {@link #digest} gave that version, or so many others were summed up since
   * that this is not known any more: then {@link StoreStatus#CHANGED}. A later write marks it dirty
   * again.
   */
  CompletionStage<StoreStatus> markClean(ObjectId oid, long version);

  /**
   * Whether writes to a dirty object that were not synced may be lost here, because the machine was
   * started since: a replica of which that is not so may have more (in memory, no I/O).
   */
  boolean mayHaveLostWrites(ObjectId oid);

  /**
   * All replicas are the same now, so what was lost here is here again, or nowhere. From now on
   * {@link #mayHaveLostWrites} is about what is written from now on.
   */
  CompletionStage<StoreStatus> lossMadeGood(ObjectId oid);

  /** What is known of an object that is here: copies, size, epoch written. */
  CompletionStage<AttributesOutcome> attributes(ObjectId oid);

  /** Removes every object and everything set aside (format). */
  CompletionStage<StoreStatus> wipe();

  /**
   * For how long the disk has been at one and the same thing, nanoseconds: an operation that has
   * begun and does not end. 0 when it has nothing to do (in memory, no I/O).
   */
  long nanosStalled();

  /**
   * Why the disk is not to be trusted any more, in words; null while it works (in memory, no I/O).
   * Once it is set it stays: from then on every change is refused with {@link
   * StoreStatus#IO_ERROR}, and objects that the failure may have harmed cannot be read. Others can,
   * as far as the disk gives them. It is set before whoever met the failure is answered.
   */
  @Nullable String failure();

  /** Sets who is told, on the core loop, once, when {@link #failure()} is set. */
  void onFailure(Runnable listener);

  /** Capacity as it is now. */
  CompletionStage<StoreSpace> space();

  /**
   * Result of {@link #attributes}.
   *
   * @param status how it ended
   * @param attributes the attributes when OK, else the value for an empty object, not to be used
   */
  record AttributesOutcome(StoreStatus status, ObjectAttributes attributes) {}
}
