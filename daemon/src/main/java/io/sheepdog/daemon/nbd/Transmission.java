package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.sheepdog.core.block.BlockVolume;
import io.sheepdog.core.block.BlockVolume.ZeroMode;
import io.sheepdog.core.block.Extent;
import io.sheepdog.core.block.OpenVolume;
import io.sheepdog.core.block.VolumeStatus;
import io.sheepdog.daemon.nbd.Handshake.Terms;
import io.sheepdog.protocol.ResultCode;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The requests of one connection: checks them, carries them out, and writes the replies. */
final class Transmission {
  /** Bytes that a request costs besides its data, for headers and bookkeeping in all layers. */
  static final int FIXED_COST = 4 << 10;

  /** What a report costs of 1024 objects, that is what it is made from and what is written. */
  private static final int STATUS_COST = 16 << 10;

  /** A request costs this fraction of its range for the list of objects that it is about. */
  private static final int RANGE_SHIFT = 14;

  /** Largest part of a CACHE request that is read at a time. */
  private static final int CACHE_PIECE = 4 << 20;

  /** Largest part of a WRITE_ZEROES that is to be written and not given back. */
  private static final int ZEROS_PIECE = 64 << 20;

  /** Zeros that are written at a time: 4 MiB of the first and of the last object. */
  private static final int ZEROS_UNDER_WAY = 8 << 20;

  private final OpenVolume open;
  private final BlockVolume volume;
  private final Terms terms;
  private final ReplyWriter replies;
  private final Failures failures;
  private boolean cancelled;

  /** Who is told of what goes wrong. */
  interface Failures {
    /** A request failed though it was in order. */
    void failed(String what);

    /** A reply cannot be written: the connection is of no use any more. */
    void unanswered(String what);
  }

  Transmission(OpenVolume open, Terms terms, ReplyWriter replies, Failures failures) {
    this.open = open;
    this.volume = open.volume();
    this.terms = terms;
    this.replies = replies;
    this.failures = failures;
  }

  /** Why a request gets an error without being carried out. */
  record Fault(NbdError error, String text) {}

  /** Bytes that it takes, in either direction. */
  static long cost(NbdRequest request) {
    NbdCommand command = request.command();
    if (command == null) {
      return FIXED_COST;
    }
    return FIXED_COST
        + switch (command) {
          case READ, WRITE -> Math.min(request.length(), Nbd.MAX_BLOCK);
          case CACHE -> Math.min(request.length(), CACHE_PIECE);
          case WRITE_ZEROES ->
              Math.min(request.length(), ZEROS_UNDER_WAY) + (request.length() >> RANGE_SHIFT);
          case TRIM -> request.length() >> RANGE_SHIFT;
          case BLOCK_STATUS -> STATUS_COST;
          case FLUSH, DISC -> 0;
        };
  }

  /** What is wrong with a request, null if nothing. */
  @Nullable Fault check(NbdRequest request) {
    NbdCommand command = request.command();
    if (command == null) {
      return invalid("command " + request.type() + " is not known here");
    }
    int unknown = request.flags() & ~(command.flags() | Nbd.FLAG_FUA);
    if (unknown != 0) {
      return invalid(
          "flags 0x" + Integer.toHexString(unknown) + " do not go with command " + command);
    }
    if (command.isChanging() && !volume.isWritable()) {
      return new Fault(NbdError.EPERM, "this export is read-only");
    }
    return switch (command) {
      case READ, WRITE ->
          request.length() > Nbd.MAX_BLOCK
              ? invalid(
                  command
                      + " of "
                      + request.length()
                      + " bytes; at most "
                      + Nbd.MAX_BLOCK
                      + " are allowed")
              : range(request, command);
      case TRIM, WRITE_ZEROES, CACHE -> range(request, command);
      case BLOCK_STATUS -> {
        if (!terms.allocation()) {
          yield invalid("BLOCK_STATUS without the metadata context base:allocation");
        }
        yield request.length() == 0 ? invalid("BLOCK_STATUS of no bytes") : range(request, command);
      }
      case FLUSH ->
          request.offset() != 0 || request.length() != 0
              ? invalid("FLUSH of a range; it is for all that was written")
              : null;
      case DISC -> null;
    };
  }

  private @Nullable Fault range(NbdRequest request, NbdCommand command) {
    long size = open.info().size();
    boolean inside =
        request.offset() >= 0
            && request.offset() <= size
            && request.length() <= size - request.offset();
    if (inside) {
      return null;
    }
    boolean growing = command == NbdCommand.WRITE || command == NbdCommand.WRITE_ZEROES;
    return new Fault(
        growing ? NbdError.ENOSPC : NbdError.EINVAL,
        command
            + " of "
            + request.length()
            + " bytes at "
            + Long.toUnsignedString(request.offset())
            + " goes beyond the end, "
            + size);
  }

  private static Fault invalid(String text) {
    return new Fault(NbdError.EINVAL, text);
  }

  /** Answers a request that is not carried out. */
  ChannelFuture refuse(NbdRequest request, Fault fault) {
    return answered(request, () -> replies.error(request.cookie(), fault.error(), fault.text()));
  }

  /** An exception here would be seen by nobody: the caller is the end of a request, later on. */
  private ChannelFuture answered(NbdRequest request, Supplier<ChannelFuture> reply) {
    try {
      return reply.get();
    } catch (RuntimeException | OutOfMemoryError e) {
      failures.unanswered(describe(request) + ": " + e);
      return replies.none(e);
    }
  }

  private static String describe(NbdRequest request) {
    return request.command() + " of " + request.length() + " bytes at " + request.offset();
  }

  /**
   * Carries out a request that {@link #check} found nothing wrong with, DISC aside.
   *
   * @param payload the data of a WRITE; not consumed
   * @param onReply told of the reply, exactly once; its future ends when that is with the kernel
   */
  void carryOut(NbdRequest request, ByteBuf payload, Consumer<ChannelFuture> onReply) {
    try {
      begin(request, payload, onReply);
    } catch (RuntimeException | OutOfMemoryError e) {
      failures.unanswered(describe(request) + ": " + e);
      onReply.accept(replies.none(e));
    }
  }

  private void begin(NbdRequest request, ByteBuf payload, Consumer<ChannelFuture> onReply) {
    switch (Objects.requireNonNull(request.command())) {
      case READ -> read(request, onReply);
      case BLOCK_STATUS -> status(request, onReply);
      case DISC -> throw new IllegalArgumentException("there is no reply to DISC");
      default -> finish(request, change(request, payload), onReply);
    }
  }

  private CompletionStage<ResultCode> change(NbdRequest request, ByteBuf payload) {
    long offset = request.offset();
    long length = request.length();
    boolean durable = request.has(Nbd.FLAG_FUA);
    return switch (Objects.requireNonNull(request.command())) {
      case WRITE -> volume.write(offset, payload, durable);
      case FLUSH -> volume.flush();
      case TRIM -> volume.discard(offset, length);
      case WRITE_ZEROES ->
          zero(
              offset,
              length,
              new ZeroMode(
                  request.has(Nbd.FLAG_NO_HOLE), request.has(Nbd.FLAG_FAST_ZERO), durable));
      case CACHE -> cache(offset, length);
      default -> throw new IllegalArgumentException(request.command() + " gives more than a code");
    };
  }

  private void finish(
      NbdRequest request, CompletionStage<ResultCode> end, Consumer<ChannelFuture> onReply) {
    end.whenComplete(
        (code, failure) ->
            onReply.accept(
                answered(
                    request,
                    () ->
                        failure == null && code == ResultCode.SUCCESS
                            ? replies.done(request.cookie())
                            : failed(request, code, failure))));
  }

  private ChannelFuture failed(
      NbdRequest request, @Nullable ResultCode code, @Nullable Throwable failure) {
    ResultCode known = failure != null || code == null ? ResultCode.SYSTEM_ERROR : code;
    if (known != ResultCode.NO_SUPPORT) {
      failures.failed(describe(request) + ": " + (failure == null ? known : failure));
    }
    return replies.error(request.cookie(), NbdError.of(known), NbdError.text(known));
  }

  private void read(NbdRequest request, Consumer<ChannelFuture> onReply) {
    int length = (int) request.length();
    volume
        .read(request.offset(), length)
        .whenComplete(
            (read, failure) ->
                onReply.accept(
                    answered(
                        request,
                        () ->
                            failure == null && read.code() == ResultCode.SUCCESS
                                ? replies.data(
                                    request.cookie(),
                                    request.offset(),
                                    length,
                                    read.pieces(),
                                    request.has(Nbd.FLAG_DF))
                                : failed(request, read == null ? null : read.code(), failure))));
  }

  private void status(NbdRequest request, Consumer<ChannelFuture> onReply) {
    volume
        .status(request.offset(), request.length())
        .whenComplete(
            (status, failure) ->
                onReply.accept(
                    answered(
                        request,
                        () ->
                            failure == null && status.code() == ResultCode.SUCCESS
                                ? replies.status(request.cookie(), extents(request, status))
                                : failed(
                                    request, status == null ? null : status.code(), failure))));
  }

  private static List<Extent> extents(NbdRequest request, VolumeStatus status) {
    return request.has(Nbd.FLAG_REQ_ONE) ? status.extents().subList(0, 1) : status.extents();
  }

  /** The client is gone: long requests go no further. */
  void cancel() {
    cancelled = true;
  }

  /** Has the nodes read it, so that it is in their memory. */
  private CompletionStage<ResultCode> cache(long offset, long length) {
    return pieces(
        offset,
        length,
        CACHE_PIECE,
        (from, part) ->
            volume
                .read(from, part)
                .thenApply(
                    read -> {
                      read.release();
                      return read.code();
                    }));
  }

  /** Writing zeros takes long; giving objects back does not, and is told to be fast as a whole. */
  private CompletionStage<ResultCode> zero(long offset, long length, ZeroMode mode) {
    return mode.allocate() && !mode.fast()
        ? pieces(offset, length, ZEROS_PIECE, (from, part) -> volume.zero(from, part, mode))
        : volume.zero(offset, length, mode);
  }

  /** What is done with a piece of a range. */
  private interface PieceWork {
    CompletionStage<ResultCode> begin(long offset, int length);
  }

  /** Does something with a range piece by piece, until one fails or the client is gone. */
  private CompletionStage<ResultCode> pieces(long offset, long length, int size, PieceWork work) {
    CompletableFuture<ResultCode> result = new CompletableFuture<>();
    pieces(offset, offset + length, size, work, result);
    return result;
  }

  /** A loop, because pieces that are holes are done at once: there may be a thousand in a row. */
  private void pieces(
      long from, long end, int size, PieceWork work, CompletableFuture<ResultCode> result) {
    for (long offset = from; offset < end && !result.isDone(); offset += size) {
      if (cancelled) {
        result.complete(ResultCode.NETWORK_ERROR);
        return;
      }
      CompletableFuture<ResultCode> piece =
          work.begin(offset, (int) Math.min(end - offset, size)).toCompletableFuture();
      boolean isDone = piece.isDone();
      long next = offset + size;
      piece.whenComplete(
          (code, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
            } else if (code != ResultCode.SUCCESS) {
              result.complete(code);
            } else if (!isDone) {
              pieces(next, end, size, work, result);
            }
          });
      if (!isDone) {
        return;
      }
    }
    result.complete(ResultCode.SUCCESS);
  }
}
