package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.protocol.ResultCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Puts reads and reports of ranges together from their objects. */
final class Pieces {
  /** Most objects that one report is about. */
  static final int MAX_REPORTED = 1024;

  /** Most objects that one request reads at a time. */
  private static final int PARALLEL = 16;

  private final List<Part> parts;
  private final @Nullable ByteBuf[] data;

  private Pieces(List<Part> parts) {
    this.parts = parts;
    this.data = new ByteBuf[parts.size()];
  }

  /** Reads one part: the data, or nothing where there is a hole. */
  interface PartReader {
    /** SUCCESS with empty data means a hole. */
    CompletionStage<ReadResult> read(Part part);
  }

  /** Reads all parts; a single failure is the failure of all. */
  static CompletionStage<VolumeRead> read(List<Part> parts, PartReader reader) {
    Pieces pieces = new Pieces(parts);
    List<Integer> numbers = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      numbers.add(i);
    }
    Function<Integer, CompletionStage<ResultCode>> one =
        i ->
            reader
                .read(parts.get(i))
                .thenApply(
                    read -> {
                      pieces.data[i] = read.data();
                      return read.code();
                    });
    return Several.each(numbers, PARALLEL, one)
        .handle((code, failure) -> pieces.result(failure == null ? code : ResultCode.SYSTEM_ERROR));
  }

  private VolumeRead result(ResultCode code) {
    List<Piece> result = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      add(result, parts.get(i), data[i]);
    }
    VolumeRead read = new VolumeRead(code, result);
    if (code == ResultCode.SUCCESS) {
      return read;
    }
    read.release();
    return VolumeRead.failed(code);
  }

  private static void add(List<Piece> pieces, Part part, @Nullable ByteBuf bytes) {
    if (bytes != null && bytes.isReadable()) {
      pieces.add(new Piece(part.position(), (int) part.length(), bytes));
      return;
    }
    Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
    if (last != null && last.data() == null) {
      pieces.set(
          pieces.size() - 1, new Piece(last.offset(), last.length() + (int) part.length(), null));
    } else {
      pieces.add(new Piece(part.position(), (int) part.length(), null));
    }
  }

  /** How much of a range one report is about: not more than {@link #MAX_REPORTED} objects. */
  static long reported(int shift, long offset, long length) {
    long end = ((offset >>> shift) + MAX_REPORTED) << shift;
    return Math.min(length, end - offset);
  }

  /**
   * Says where data is, in as much of the range as {@link #reported} says.
   *
   * @param length at least 1
   */
  static VolumeStatus status(int shift, long offset, long length, IntPredicate allocated) {
    long end = offset + reported(shift, offset, length);
    List<Extent> extents = new ArrayList<>();
    boolean kind = allocated.test((int) (offset >>> shift));
    long begin = offset;
    for (long next = ((offset >>> shift) + 1) << shift; next < end; next += 1L << shift) {
      boolean here = allocated.test((int) (next >>> shift));
      if (here != kind) {
        extents.add(new Extent(next - begin, kind));
        begin = next;
        kind = here;
      }
    }
    extents.add(new Extent(end - begin, kind));
    return new VolumeStatus(ResultCode.SUCCESS, extents);
  }
}
