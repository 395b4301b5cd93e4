package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.block.BlockVolume.ZeroMode;
import io.sheepdog.protocol.ResultCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** Makes ranges of a working VDI zero, if possible by giving whole objects back. */
final class ZeroRanges {
  /** Most objects whose entries one write of the index clears. */
  private static final int RUN = 256;

  /** Largest write of zeros. */
  private static final int PIECE = 4 << 20;

  private static final int PARALLEL = 2;

  private final ObjectChanges changes;
  private final IndexTable index;
  private final int shift;
  private final LongSupplier size;

  /**
   * @param size of the VDI now, bytes
   */
  ZeroRanges(ObjectChanges changes, IndexTable index, int shift, LongSupplier size) {
    this.changes = changes;
    this.index = index;
    this.shift = shift;
    this.size = size;
  }

  /** Whether nothing is left of the object: the last one may reach beyond the end of the VDI. */
  private boolean isWhole(Part part) {
    return part.isWhole(shift)
        || (part.from() == 0 && part.position() + part.length() >= size.getAsLong());
  }

  /** Objects {@code first} to {@code end - 1}, which all exist. */
  private record Run(int first, int end) {}

  CompletionStage<ResultCode> discard(List<Part> parts) {
    return Several.each(runs(parts), 1, run -> changes.clear(run.first(), run.end()));
  }

  /**
   * Makes zero.
   *
   * <p>Where space is to be there afterwards, zeros are written, whatever was there before: only
   * then no later write can find the disks full. That is never fast.
   */
  CompletionStage<ResultCode> zero(List<Part> parts, ZeroMode mode) {
    if (mode.allocate()) {
      return mode.fast()
          ? CompletableFuture.completedFuture(ResultCode.NO_SUPPORT)
          : Several.each(parts, PARALLEL, part -> zeroPart(part, mode));
    }
    List<Part> whole = new ArrayList<>();
    List<Part> partial = new ArrayList<>();
    for (Part part : parts) {
      if (isWhole(part)) {
        whole.add(part);
      } else {
        partial.add(part);
        if (mode.fast() && index.owner(part.index()) != 0) {
          return CompletableFuture.completedFuture(ResultCode.NO_SUPPORT);
        }
      }
    }
    return discard(whole)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? Several.each(partial, PARALLEL, part -> zeroPart(part, mode))
                    : CompletableFuture.completedFuture(code));
  }

  private CompletionStage<ResultCode> zeroPart(Part part, ZeroMode mode) {
    return changes
        .settled(part.index())
        .thenCompose(
            code -> {
              if (index.owner(part.index()) == 0 && !mode.allocate()) {
                return CompletableFuture.completedFuture(code);
              }
              List<Part> pieces = new ArrayList<>();
              for (long done = 0; done < part.length(); done += PIECE) {
                pieces.add(
                    new Part(
                        part.index(),
                        part.from() + done,
                        Math.min(PIECE, part.length() - done),
                        part.position() + done));
              }
              return Several.each(pieces, 1, piece -> write(piece, mode.durable()));
            });
  }

  private CompletionStage<ResultCode> write(Part piece, boolean durable) {
    ByteBuf zeros = Zeros.of((int) piece.length());
    return changes.write(piece, zeros, durable).whenComplete((code, failure) -> zeros.release());
  }

  private List<Run> runs(List<Part> parts) {
    List<Run> runs = new ArrayList<>();
    int first = -1;
    int end = -1;
    for (Part part : parts) {
      if (!isWhole(part) || index.owner(part.index()) == 0) {
        continue;
      }
      if (part.index() != end || end - first == RUN) {
        if (first >= 0) {
          runs.add(new Run(first, end));
        }
        first = part.index();
      }
      end = part.index() + 1;
    }
    if (first >= 0) {
      runs.add(new Run(first, end));
    }
    return runs;
  }
}
