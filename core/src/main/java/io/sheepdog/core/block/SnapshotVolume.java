package io.sheepdog.core.block;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.protocol.ResultCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A snapshot: its index never changes. */
final class SnapshotVolume extends ReadOnlyVolume {
  private final ObjectIo io;
  private final int shift;
  private final IndexTable index;

  SnapshotVolume(ObjectIo io, int shift, IndexTable index) {
    this.io = io;
    this.shift = shift;
    this.index = index;
  }

  @Override
  public CompletionStage<VolumeRead> read(long offset, int length) {
    return Pieces.read(Part.split(shift, offset, length), this::read);
  }

  private CompletionStage<ReadResult> read(Part part) {
    int owner = index.owner(part.index());
    return owner == 0
        ? CompletableFuture.completedFuture(
            new ReadResult(ResultCode.SUCCESS, Unpooled.EMPTY_BUFFER))
        : io.read(ObjectChanges.dataObject(owner, part.index()), part.from(), (int) part.length());
  }

  @Override
  public CompletionStage<VolumeStatus> status(long offset, long length) {
    return CompletableFuture.completedFuture(
        Pieces.status(shift, offset, length, i -> index.owner(i) != 0));
  }
}
