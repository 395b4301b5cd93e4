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

  /** Says which parts are data. */
  static VolumeStatus status(List<Part> parts, IntPredicate allocated) {
    List<Extent> extents = new ArrayList<>();
    for (Part part : parts) {
      boolean here = allocated.test(part.index());
      Extent last = extents.isEmpty() ? null : extents.get(extents.size() - 1);
      if (last != null && last.allocated() == here) {
        extents.set(extents.size() - 1, new Extent(last.length() + part.length(), here));
      } else {
        extents.add(new Extent(part.length(), here));
      }
    }
    return new VolumeStatus(ResultCode.SUCCESS, extents);
  }
}
