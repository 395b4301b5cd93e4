package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Creates objects as copies of an ancestor's, with the client's bytes laid over them. An object of
 * more than {@link #PIECE} bytes is made piece by piece: its first piece creates it, and no index
 * names it before the last one is there (R7).
 */
final class ObjectCreation {
  /** Largest part of an object that is in memory at a time. */
  static final int PIECE = 4 << 20;

  private final ObjectReader reader;
  private final Replication replication;

  ObjectCreation(ObjectReader reader, Replication replication) {
    this.reader = reader;
    this.replication = replication;
  }

  /**
   * One copy-on-write.
   *
   * @param oid the new object
   * @param source what it starts with
   * @param shape size and copies of the new object
   * @param offset where the payload goes
   */
  record Copy(
      ObjectId oid, ObjectId source, ObjectAttributes shape, long offset, long generation) {}

  /**
   * Makes the copy; NO_OBJ when the source does not exist. The payload must stay valid until the
   * stage ends.
   */
  CompletionStage<ResultCode> copy(Copy copy, ByteBuf payload) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    piece(copy, payload, 0, result);
    return result;
  }

  private void piece(Copy copy, ByteBuf payload, long from, CompletableFuture<ResultCode> result) {
    int length = (int) Math.min(PIECE, copy.shape().size() - from);
    if (length == 0) {
      result.complete(ResultCode.SUCCESS);
      return;
    }
    content(copy, payload, from, length)
        .thenCompose(
            content -> {
              if (content.code() != ResultCode.SUCCESS) {
                return CompletableFuture.completedFuture(content.code());
              }
              return replication
                  .run(change(copy, from, length), content.data())
                  .thenApply(Replication.Result::code)
                  .whenComplete((code, failure) -> content.data().release());
            })
        .whenComplete(
            (code, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (code != ResultCode.SUCCESS) {
                result.complete(code);
              } else {
                piece(copy, payload, from + length, result);
              }
            });
  }

  private static Change change(Copy copy, long from, int length) {
    return from == 0
        ? Change.create(copy.oid(), copy.shape(), 0, length, copy.generation())
        : Change.write(copy.oid(), copy.shape(), from, length, copy.generation(), true);
  }

  /** The bytes of a piece of the new object, without copying either part. */
  private CompletionStage<ReadResult> content(Copy copy, ByteBuf payload, long from, int length) {
    long begin = Math.max(0, Math.min(length, copy.offset() - from));
    long end = Math.max(begin, Math.min(length, copy.offset() + payload.readableBytes() - from));
    int first = (int) begin;
    int last = (int) end;
    if (first == 0 && last == length) {
      return CompletableFuture.completedFuture(
          new ReadResult(ResultCode.SUCCESS, part(payload, copy, from, first, last)));
    }
    return reader
        .read(copy.source(), from, length)
        .thenApply(
            source -> {
              if (source.code() != ResultCode.SUCCESS || first == last) {
                return source;
              }
              ByteBuf old = source.data();
              ByteBuf whole =
                  Unpooled.wrappedBuffer(
                      old.retainedSlice(old.readerIndex(), first),
                      part(payload, copy, from, first, last),
                      old.retainedSlice(old.readerIndex() + last, length - last));
              old.release();
              return new ReadResult(ResultCode.SUCCESS, whole);
            });
  }

  /**
   * The part of the payload that belongs to bytes {@code first} to {@code last} of the piece that
   * begins at {@code from}.
   */
  private static ByteBuf part(ByteBuf payload, Copy copy, long from, int first, int last) {
    int index = (int) (from + first - copy.offset());
    return payload.retainedSlice(payload.readerIndex() + index, last - first);
  }
}
