package io.sheepdog.core.block;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A working VDI without its lock, which somebody else may be writing: each request reads the index
 * anew, and goes to the vid that the VDI has by then. As long as the name belongs to the VDI that
 * was opened: one that was deleted and made again is another.
 */
final class WatchedVolume extends ReadOnlyVolume {
  /** How often an object may vanish between the look at the index and the read. */
  private static final int TRIES = 4;

  private final ObjectIo io;
  private final BlockHost host;
  private final String name;
  private final int shift;
  private VdiId vid;

  WatchedVolume(ObjectIo io, BlockHost host, VdiEntry entry) {
    this.io = io;
    this.host = host;
    this.name = entry.name();
    this.shift = entry.blockSizeShift();
    this.vid = entry.vid();
  }

  @Override
  public CompletionStage<VolumeRead> read(long offset, int length) {
    return read(Part.split(shift, offset, length), 1);
  }

  private CompletionStage<VolumeRead> read(List<Part> parts, int tried) {
    if (parts.isEmpty()) {
      return CompletableFuture.completedFuture(new VolumeRead(ResultCode.SUCCESS, List.of()));
    }
    IndexRange index =
        new IndexRange(parts.get(0).index(), parts.get(parts.size() - 1).index() + 1);
    return look(index)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? Pieces.read(parts, part -> read(part, index))
                    : CompletableFuture.completedFuture(VolumeRead.failed(code)))
        .thenCompose(
            read ->
                read.code() == ResultCode.NO_OBJ && tried < TRIES
                    ? read(parts, tried + 1)
                    : CompletableFuture.completedFuture(read));
  }

  private CompletionStage<ReadResult> read(Part part, IndexRange index) {
    int owner = index.owner(part.index());
    return owner == 0
        ? CompletableFuture.completedFuture(
            new ReadResult(ResultCode.SUCCESS, Unpooled.EMPTY_BUFFER))
        : io.read(ObjectChanges.dataObject(owner, part.index()), part.from(), (int) part.length());
  }

  @Override
  public CompletionStage<VolumeStatus> status(long offset, long length) {
    long reported = Pieces.reported(shift, offset, length);
    IndexRange index =
        new IndexRange((int) (offset >>> shift), (int) ((offset + reported - 1) >>> shift) + 1);
    return look(index)
        .thenApply(
            code ->
                code == ResultCode.SUCCESS
                    ? Pieces.status(shift, offset, reported, i -> index.owner(i) != 0)
                    : new VolumeStatus(code, List.of()));
  }

  private CompletionStage<ResultCode> look(IndexRange index) {
    return follow() ? index.load(io, vid) : CompletableFuture.completedFuture(ResultCode.NO_VDI);
  }

  /** Goes to the vid of today; false when the VDI is gone. */
  private boolean follow() {
    VdiDirectory directory = host.state().directory();
    VdiEntry today = directory.head(name);
    VdiEntry entry = today;
    while (entry != null && !entry.vid().equals(vid)) {
      entry = entry.parent().isNone() ? null : directory.entry(entry.parent());
    }
    if (today == null || entry == null) {
      return false;
    }
    vid = today.vid();
    return true;
  }
}
