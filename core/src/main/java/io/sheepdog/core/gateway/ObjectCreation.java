package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Creates objects as copies of an ancestor's, with the client's bytes laid over them. Where the
 * homes of both are the same, each makes its copy from what it has, and the ancestor's bytes go
 * over no wire; unless one of them lacks it, or what they have is not the same. Then, and where the
 * homes are others, the bytes are read from one replica and sent to all: so all get the same. An
 * object of more than {@link #PIECE} bytes is made piece by piece: its first piece creates it, and
 * no index names it before the last one is there (R7).
 */
final class ObjectCreation {
  /** Largest part of an object that is in memory at a time. */
  static final int PIECE = 4 << 20;

  private final Targets targets;
  private final ObjectReader reader;
  private final Replication replication;

  ObjectCreation(Targets targets, ObjectReader reader, Replication replication) {
    this.targets = targets;
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
    if (payload.readableBytes() < copy.shape().size()
        && targets.areShared(copy.oid(), copy.source(), copy.shape().copies())) {
      where(copy, payload, result);
    } else {
      piece(copy, payload, 0, result);
    }
    return result;
  }

  /** Has the copy made where the source is. */
  private void where(Copy copy, ByteBuf payload, CompletableFuture<ResultCode> result) {
    FirstPiece firstPiece = new FirstPiece(copy, payload);
    replication
        .run(
            Change.copy(
                copy.oid(),
                copy.shape(),
                copy.source().vid(),
                copy.offset(),
                payload.readableBytes(),
                copy.generation()),
            payload,
            firstPiece)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (done.code() == ResultCode.SUCCESS && firstPiece.isSent) {
                piece(copy, payload, firstPiece.length, result);
              } else {
                result.complete(done.code());
              }
            });
  }

  /** The first piece, read from one replica, for all; the others follow. */
  private final class FirstPiece implements Replication.Fallback {
    private final Copy copy;
    private final ByteBuf payload;
    private final int length;
    private boolean isSent;

    FirstPiece(Copy copy, ByteBuf payload) {
      this.copy = copy;
      this.payload = payload;
      this.length = (int) Math.min(PIECE, copy.shape().size());
    }

    @Override
    public CompletionStage<Replication.Instead> prepare() {
      isSent = true;
      return content(copy, payload, 0, length)
          .thenApply(
              content ->
                  new Replication.Instead(
                      content.code(),
                      content.code() == ResultCode.SUCCESS ? change(copy, 0, length) : null,
                      content.data()));
    }
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
