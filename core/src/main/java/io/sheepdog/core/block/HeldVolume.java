package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A working VDI under its lock. Only the holder of the lock changes the index, so it is in memory
 * and always true.
 */
final class HeldVolume implements BlockVolume {
  /** Most objects that one request writes at a time. */
  private static final int PARALLEL = 16;

  private final ObjectIo io;
  private final HeldHead head;
  private final int shift;
  private final IndexTable index;
  private final ObjectTurns turns = new ObjectTurns();
  private final VolatileEntries volatileEntries = new VolatileEntries();
  private final ObjectChanges changes;
  private final ZeroRanges zeros;

  HeldVolume(ObjectIo io, HeldHead head, int shift, IndexTable index) {
    this.io = io;
    this.head = head;
    this.shift = shift;
    this.index = index;
    this.changes = new ObjectChanges(io, head, shift, index, turns, volatileEntries);
    this.zeros = new ZeroRanges(changes, index, shift, head::size);
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public boolean isLost() {
    return head.isLost();
  }

  @Override
  public CompletionStage<VolumeRead> read(long offset, int length) {
    if (head.isLost()) {
      return CompletableFuture.completedFuture(VolumeRead.failed(ResultCode.VDI_LOCKED));
    }
    return Pieces.read(Part.split(shift, offset, length), this::read);
  }

  /**
   * An object that is not there any more was given back meanwhile, by a request that is about to
   * end.
   */
  private CompletionStage<ReadResult> read(Part part) {
    return readNow(part)
        .thenCompose(
            read ->
                read.code() == ResultCode.NO_OBJ
                    ? turns.one(part.index(), () -> false, alone -> readNow(part))
                    : CompletableFuture.completedFuture(read));
  }

  private CompletionStage<ReadResult> readNow(Part part) {
    int owner = index.owner(part.index());
    return owner == 0
        ? CompletableFuture.completedFuture(
            new ReadResult(ResultCode.SUCCESS, Unpooled.EMPTY_BUFFER))
        : io.read(objectOf(owner, part), part.from(), (int) part.length());
  }

  private static ObjectId objectOf(int owner, Part part) {
    return ObjectChanges.dataObject(owner, part.index());
  }

  @Override
  public CompletionStage<VolumeStatus> status(long offset, long length) {
    return CompletableFuture.completedFuture(
        head.isLost()
            ? new VolumeStatus(ResultCode.VDI_LOCKED, List.of())
            : Pieces.status(shift, offset, length, i -> index.owner(i) != 0));
  }

  @Override
  public CompletionStage<ResultCode> write(long offset, ByteBuf data, boolean durable) {
    if (head.isLost()) {
      return lost();
    }
    int begin = data.readerIndex();
    data.retain();
    return Several.each(
            Part.split(shift, offset, data.readableBytes()),
            PARALLEL,
            part ->
                changes.write(
                    part,
                    data.slice(begin + (int) (part.position() - offset), (int) part.length()),
                    durable))
        .whenComplete((code, failure) -> data.release());
  }

  @Override
  public CompletionStage<ResultCode> zero(long offset, long length, ZeroMode mode) {
    return head.isLost() ? lost() : zeros.zero(Part.split(shift, offset, length), mode);
  }

  @Override
  public CompletionStage<ResultCode> discard(long offset, long length) {
    return head.isLost() ? lost() : zeros.discard(Part.split(shift, offset, length));
  }

  @Override
  public CompletionStage<ResultCode> flush() {
    if (head.isLost()) {
      return lost();
    }
    BitSet covered = volatileEntries.beginFlush();
    return io.flush(head.vid())
        .whenComplete(
            (code, failure) -> volatileEntries.endFlush(covered, code == ResultCode.SUCCESS));
  }

  private static CompletionStage<ResultCode> lost() {
    return CompletableFuture.completedFuture(ResultCode.VDI_LOCKED);
  }
}
