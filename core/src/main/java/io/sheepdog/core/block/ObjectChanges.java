package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Changes of single objects of a working VDI and of their index entries: an object of the VDI's own
 * is written in place; any other is created first, from its ancestor's if there is one, and named
 * by the index when it is durable (R7).
 *
 * <p>When a snapshot made the vid a snapshot meanwhile (READONLY, R11), the change is made to the
 * new vid; nobody notices.
 */
final class ObjectChanges {
  private final ObjectIo io;
  private final HeldHead head;
  private final int shift;
  private final IndexTable index;
  private final ObjectTurns turns;
  private final VolatileEntries volatileEntries;

  ObjectChanges(
      ObjectIo io,
      HeldHead head,
      int shift,
      IndexTable index,
      ObjectTurns turns,
      VolatileEntries volatileEntries) {
    this.io = io;
    this.head = head;
    this.shift = shift;
    this.index = index;
    this.turns = turns;
    this.volatileEntries = volatileEntries;
  }

  static ObjectId dataObject(int owner, int number) {
    return ObjectId.data(new VdiId(owner), number);
  }

  /** Writes a part; {@code data} stays valid until the stage ends. */
  CompletionStage<ResultCode> write(Part part, ByteBuf data, boolean durable) {
    int number = part.index();
    return untilFollowed(
        () ->
            turns.one(
                number,
                () -> !isOwn(number),
                alone -> {
                  if (isOwn(number)) {
                    return inPlace(part, data, durable);
                  }
                  return alone ? make(part, data, durable) : again();
                }));
  }

  /** Takes objects {@code first} to {@code end - 1} away, durably. */
  CompletionStage<ResultCode> clear(int first, int end) {
    return untilFollowed(() -> turns.all(first, end, () -> clearNow(first, end)));
  }

  /** Completes when nobody makes that object or takes it away. */
  CompletionStage<ResultCode> settled(int number) {
    return turns.one(
        number, () -> false, alone -> CompletableFuture.completedFuture(ResultCode.SUCCESS));
  }

  private boolean isOwn(int number) {
    return index.owner(number) == head.vid().value();
  }

  private CompletionStage<ResultCode> inPlace(Part part, ByteBuf data, boolean durable) {
    VdiId vid = head.vid();
    int number = part.index();
    return io.write(ObjectId.data(vid, number), part.from(), data, durable)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS && durable && volatileEntries.contains(number)
                    ? name(number, vid, true)
                    : CompletableFuture.completedFuture(code))
        .thenApply(code -> followed(code, vid));
  }

  private CompletionStage<ResultCode> make(Part part, ByteBuf data, boolean durable) {
    VdiId vid = head.vid();
    int number = part.index();
    int owner = index.owner(number);
    ObjectId oid = ObjectId.data(vid, number);
    boolean fresh = owner == 0 || part.isWhole(shift);
    return (fresh
            ? io.create(oid, part.from(), data)
            : io.copyOnWrite(oid, dataObject(owner, number), part.from(), data))
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? name(number, vid, durable)
                    : CompletableFuture.completedFuture(code))
        .thenApply(code -> followed(code, vid));
  }

  private CompletionStage<ResultCode> name(int number, VdiId vid, boolean durable) {
    ByteBuf entry = Unpooled.buffer(InodeLayout.INDEX_ENTRY_SIZE).writeIntLE(vid.value());
    return io.writeIndex(vid, number, entry, durable)
        .thenCompose(
            code -> {
              if (code != ResultCode.SUCCESS) {
                return lookAgain(code, vid, number, number + 1);
              }
              index.set(number, vid.value());
              if (durable) {
                volatileEntries.remove(number);
              } else {
                volatileEntries.add(number);
              }
              return CompletableFuture.completedFuture(code);
            });
  }

  private CompletionStage<ResultCode> clearNow(int first, int end) {
    VdiId vid = head.vid();
    ByteBuf entries = Zeros.of((end - first) * InodeLayout.INDEX_ENTRY_SIZE);
    return io.writeIndex(vid, first, entries, true)
        .thenCompose(
            code -> {
              if (code != ResultCode.SUCCESS) {
                return lookAgain(code, vid, first, end);
              }
              for (int number = first; number < end; number++) {
                index.set(number, 0);
                volatileEntries.remove(number);
              }
              return CompletableFuture.completedFuture(code);
            })
        .thenApply(code -> followed(code, vid));
  }

  /**
   * A write of the index failed, and nobody knows how far it came. A refusal because of a snapshot
   * changed nothing.
   */
  private CompletionStage<ResultCode> lookAgain(ResultCode code, VdiId vid, int first, int end) {
    return code == ResultCode.READONLY
        ? CompletableFuture.completedFuture(code)
        : index.load(io, vid, first, end).thenApply(ignored -> code);
  }

  /** AGAIN when there is a newer vid. */
  private ResultCode followed(ResultCode code, VdiId used) {
    return code == ResultCode.READONLY && head.follow(used) ? ResultCode.AGAIN : code;
  }

  /** Also what a request had not begun when the lock was taken away is not begun any more. */
  private CompletionStage<ResultCode> untilFollowed(Supplier<CompletionStage<ResultCode>> change) {
    if (head.isLost()) {
      return CompletableFuture.completedFuture(ResultCode.VDI_LOCKED);
    }
    return change
        .get()
        .thenCompose(
            code ->
                code == ResultCode.AGAIN
                    ? untilFollowed(change)
                    : CompletableFuture.completedFuture(code));
  }

  private static CompletionStage<ResultCode> again() {
    return CompletableFuture.completedFuture(ResultCode.AGAIN);
  }
}
