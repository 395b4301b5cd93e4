package io.sheepdog.core.block;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.SnapshotIndexes.View;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A snapshot: its index never changes, and is shared by all who have it open. */
final class SnapshotVolume extends ReadOnlyVolume {
  private final ObjectIo io;
  private final VdiEntry snapshot;
  private final int shift;
  private final SnapshotIndexes indexes;

  SnapshotVolume(ObjectIo io, VdiEntry snapshot, SnapshotIndexes indexes) {
    this.io = io;
    this.snapshot = snapshot;
    this.shift = snapshot.blockSizeShift();
    this.indexes = indexes;
  }

  /** Looks whether it is there. */
  CompletionStage<ResultCode> open() {
    return indexes.view(io, snapshot, 0, 1).thenApply(View::code);
  }

  @Override
  public CompletionStage<VolumeRead> read(long offset, int length) {
    List<Part> parts = Part.split(shift, offset, length);
    if (parts.isEmpty()) {
      return CompletableFuture.completedFuture(new VolumeRead(ResultCode.SUCCESS, List.of()));
    }
    return indexes
        .view(io, snapshot, parts.get(0).index(), parts.get(parts.size() - 1).index() + 1)
        .thenCompose(
            index ->
                index.code() == ResultCode.SUCCESS
                    ? Pieces.read(parts, part -> read(part, index))
                    : CompletableFuture.completedFuture(VolumeRead.failed(index.code())));
  }

  private CompletionStage<ReadResult> read(Part part, View index) {
    int owner = index.owner(part.index());
    return owner == 0
        ? CompletableFuture.completedFuture(
            new ReadResult(ResultCode.SUCCESS, Unpooled.EMPTY_BUFFER))
        : io.read(ObjectChanges.dataObject(owner, part.index()), part.from(), (int) part.length());
  }

  @Override
  public CompletionStage<VolumeStatus> status(long offset, long length) {
    long reported = Pieces.reported(shift, offset, length);
    int first = (int) (offset >>> shift);
    int last = (int) ((offset + reported - 1) >>> shift);
    return indexes
        .view(io, snapshot, first, last + 1)
        .thenApply(
            index ->
                index.code() == ResultCode.SUCCESS
                    ? Pieces.status(shift, offset, reported, i -> index.owner(i) != 0)
                    : new VolumeStatus(index.code(), List.of()));
  }
}
