package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ResultCode;
import java.util.List;

/**
 * What a read of a volume gave.
 *
 * @param code SUCCESS or why there is nothing
 * @param pieces when SUCCESS: the range asked for, ascending and without gaps
 */
public record VolumeRead(ResultCode code, List<Piece> pieces) {
  static VolumeRead failed(ResultCode code) {
    return new VolumeRead(code, List.of());
  }

  /** Gives the data back to its allocator. */
  public void release() {
    for (Piece piece : pieces) {
      ByteBuf data = piece.data();
      if (data != null) {
        data.release();
      }
    }
  }
}
