package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.sheepdog.client.frame.FrameWriter;
import io.sheepdog.core.block.Extent;
import io.sheepdog.core.block.Piece;
import io.sheepdog.core.block.VolumeRead;
import io.sheepdog.core.block.Zeros;
import io.sheepdog.protocol.ResultCode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes replies of the transmission.
 *
 * <pre>
 * simple      0 magic u32 | 4 error u32 | 8 cookie u64 | data of a READ
 * structured  0 magic u32 | 4 flags u16 | 6 type u16 | 8 cookie u64 | 16 length u32 | payload
 * </pre>
 */
final class ReplyWriter {
  private final Channel channel;
  private final FrameWriter writer;
  private final ByteBufAllocator alloc;
  private final boolean structured;

  /**
   * @param structured whether the client understands structured replies
   */
  ReplyWriter(Channel channel, FrameWriter writer, boolean structured) {
    this.channel = channel;
    this.writer = writer;
    this.alloc = channel.alloc();
    this.structured = structured;
  }

  /** Nothing, because of that. */
  ChannelFuture none(Throwable cause) {
    return channel.newFailedFuture(cause);
  }

  /** Success without data, of anything but a READ. */
  ChannelFuture done(long cookie) {
    return writer.write(simple(cookie, NbdError.NONE), Unpooled.EMPTY_BUFFER);
  }

  /** An error, with its text where the client can take one. */
  ChannelFuture error(long cookie, NbdError error, String text) {
    if (!structured) {
      return writer.write(simple(cookie, error), Unpooled.EMPTY_BUFFER);
    }
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(message.length, Nbd.MAX_STRING);
    ByteBuf chunk =
        chunk(cookie, Nbd.CHUNK_DONE, Nbd.CHUNK_ERROR, Integer.BYTES + Short.BYTES + length, length)
            .writeInt(error.number())
            .writeShort(length)
            .writeBytes(message, 0, length);
    return writer.write(chunk, Unpooled.EMPTY_BUFFER);
  }

  /**
   * What was read; the pieces are consumed in any case.
   *
   * @param whole whether the client wants it in one piece
   */
  ChannelFuture data(long cookie, long offset, int length, List<Piece> pieces, boolean whole) {
    int next = 0;
    try {
      if (!structured) {
        return writer.write(simple(cookie, NbdError.NONE), bytes(pieces));
      }
      if (pieces.isEmpty()) {
        return writer.write(
            chunk(cookie, Nbd.CHUNK_DONE, Nbd.CHUNK_NONE, 0, 0), Unpooled.EMPTY_BUFFER);
      }
      if (whole && pieces.size() > 1) {
        return dataChunk(cookie, Nbd.CHUNK_DONE, offset, length, bytes(pieces));
      }
      for (; next < pieces.size() - 1; next++) {
        piece(cookie, 0, pieces.get(next));
      }
      return piece(cookie, Nbd.CHUNK_DONE, pieces.get(next));
    } catch (RuntimeException | OutOfMemoryError e) {
      // there was no room for the header of that one
      new VolumeRead(ResultCode.SUCCESS, pieces.subList(next, pieces.size())).release();
      throw e;
    }
  }

  private ChannelFuture piece(long cookie, int flags, Piece piece) {
    ByteBuf data = piece.data();
    if (data != null) {
      return dataChunk(cookie, flags, piece.offset(), piece.length(), data);
    }
    int payload = Long.BYTES + Integer.BYTES;
    return writer.write(
        chunk(cookie, flags, Nbd.CHUNK_HOLE, payload, payload)
            .writeLong(piece.offset())
            .writeInt(piece.length()),
        Unpooled.EMPTY_BUFFER);
  }

  private ChannelFuture dataChunk(long cookie, int flags, long offset, int length, ByteBuf data) {
    return writer.write(
        chunk(cookie, flags, Nbd.CHUNK_DATA, Long.BYTES + length, Long.BYTES).writeLong(offset),
        data);
  }

  /** Where data is. */
  ChannelFuture status(long cookie, List<Extent> extents) {
    int payload = Integer.BYTES + extents.size() * 2 * Integer.BYTES;
    ByteBuf chunk =
        chunk(cookie, Nbd.CHUNK_DONE, Nbd.CHUNK_BLOCK_STATUS, payload, payload)
            .writeInt(Nbd.BASE_ALLOCATION_ID);
    for (Extent extent : extents) {
      chunk
          .writeInt((int) extent.length())
          .writeInt(extent.allocated() ? 0 : Nbd.STATE_HOLE_AND_ZERO);
    }
    return writer.write(chunk, Unpooled.EMPTY_BUFFER);
  }

  private ByteBuf simple(long cookie, NbdError error) {
    return alloc
        .directBuffer(Nbd.SIMPLE_REPLY_SIZE, Nbd.SIMPLE_REPLY_SIZE)
        .writeInt(Nbd.SIMPLE_REPLY_MAGIC)
        .writeInt(error.number())
        .writeLong(cookie);
  }

  /**
   * @param length what the header says
   * @param room how much of it is put into the same buffer
   */
  private ByteBuf chunk(long cookie, int flags, int type, int length, int room) {
    return alloc
        .directBuffer(Nbd.CHUNK_HEADER_SIZE + room)
        .writeInt(Nbd.STRUCTURED_REPLY_MAGIC)
        .writeShort(flags)
        .writeShort(type)
        .writeLong(cookie)
        .writeInt(length);
  }

  private static ByteBuf bytes(List<Piece> pieces) {
    ByteBuf[] parts = new ByteBuf[pieces.size()];
    for (int i = 0; i < parts.length; i++) {
      Piece piece = pieces.get(i);
      ByteBuf data = piece.data();
      parts[i] = data == null ? Zeros.of(piece.length()) : data;
    }
    return parts.length == 1 ? parts[0] : Unpooled.wrappedBuffer(parts.length, parts);
  }
}
