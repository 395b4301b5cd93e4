package io.sheepdog.client.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sheepdog.protocol.Limits;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into headers and payloads.
 *
 * <p>A payload gets one buffer of exactly its size. What came in the same read as its header is
 * copied there; the rest is read from the socket straight into it ({@link InPlaceAllocator}),
 * however large it is. A payload that lies completely in a read and makes up most of it is handed
 * on as a slice of that read.
 *
 * <p>Between {@link FrameSink#header} and the decision about it ({@link #receive} or {@link #skip})
 * the socket is not read: at most one read that was already on its way is kept.
 */
public final class FrameReceiver extends ChannelInboundHandlerAdapter {
  private static final int MAX_HEADER_SIZE = 64;

  private enum State {
    HEADER,
    UNDECIDED,
    PAYLOAD,
    SKIP,
    DISCARD
  }

  private final FrameSink sink;
  private final ByteBuf header = Unpooled.buffer(Limits.HEADER_SIZE, MAX_HEADER_SIZE);
  private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>(2);
  private State state = State.HEADER;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf payload;
  private @Nullable ByteBuf inPlace;
  private @Nullable Throwable failure;
  private int headerSize = Limits.HEADER_SIZE;
  private int wanted;
  private long received;
  private boolean indirect;
  private boolean draining;
  private boolean ended;

  private FrameReceiver(FrameSink sink) {
    this.sink = sink;
  }

  /**
   * Makes {@code sink} the owner of what {@code channel} receives; for a channel that is not
   * registered yet.
   */
  public static FrameReceiver install(Channel channel, FrameSink sink) {
    FrameReceiver receiver = new FrameReceiver(sink);
    channel.config().setRecvByteBufAllocator(new InPlaceAllocator(receiver));
    channel.pipeline().addLast("frames", receiver);
    return receiver;
  }

  /**
   * Expects headers of another size from the next one on: for protocols other than sheepdog's.
   *
   * @param bytes 1..64; the default is {@link Limits#HEADER_SIZE}
   */
  public void expectHeaders(int bytes) {
    boolean late = state == State.HEADER && header.readableBytes() > bytes;
    if (bytes < 1 || bytes > MAX_HEADER_SIZE || late) {
      throw new IllegalStateException("no header of " + bytes + " bytes can be expected now");
    }
    headerSize = bytes;
  }

  /** Whether bytes have arrived behind the payload that was handed on last. */
  public boolean hasUnreadBytes() {
    return header.isReadable() || chunks.stream().anyMatch(ByteBuf::isReadable);
  }

  /** Bytes that have come in all, as far as they were not dropped unseen. */
  public long received() {
    return received;
  }

  /**
   * A handler before this one changes the bytes from now on (TLS): payloads cannot be read from the
   * socket straight into their buffers any more.
   */
  public void readIndirectly() {
    indirect = true;
  }

  /**
   * Receives the payload of the header just seen.
   *
   * @param length 0..{@link Limits#MAX_PAYLOAD} bytes; {@link FrameSink#payload} follows in any
   *     case
   */
  public void receive(int length) {
    decide(State.PAYLOAD, length);
  }

  /**
   * Reads {@code length} payload bytes (0..{@link Limits#MAX_PAYLOAD}) of the header just seen and
   * drops them; no call follows.
   */
  public void skip(int length) {
    decide(State.SKIP, length);
  }

  /** Drops everything that still arrives. */
  public void discard() {
    state = State.DISCARD;
    releasePayload();
    resume();
  }

  private void decide(State next, int length) {
    if (state == State.DISCARD) {
      return;
    }
    if (state != State.UNDECIDED || length < 0 || length > Limits.MAX_PAYLOAD) {
      throw new IllegalStateException(
          "no frame to decide about, or bad length " + length + " in state " + state);
    }
    wanted = length;
    state = next;
    resume();
  }

  private void resume() {
    if (draining || ended) {
      return;
    }
    drain();
    ChannelHandlerContext ctx = context();
    if (state != State.UNDECIDED && !ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf chunk = (ByteBuf) message;
    received += chunk.readableBytes();
    if (chunk == inPlace) {
      inPlace = null;
      if (payload != null) {
        payload.writerIndex(payload.writerIndex() + chunk.readableBytes());
      }
      chunk.release();
    } else {
      chunks.add(chunk);
    }
    drain();
    if (state == State.UNDECIDED) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** The buffer that the next read shall fill, or null for an ordinary one. */
  @Nullable ByteBuf nextReadTarget() {
    if (indirect
        || state != State.PAYLOAD
        || payload == null
        || !chunks.isEmpty()
        || !payload.isWritable()) {
      return null;
    }
    ByteBuf rest = payload.retainedSlice(payload.writerIndex(), payload.writableBytes());
    rest.clear();
    inPlace = rest;
    return rest;
  }

  private void drain() {
    draining = true;
    try {
      while (!ended && step()) {
        releaseEmptyChunk();
      }
      releaseEmptyChunk();
    } finally {
      draining = false;
    }
  }

  private boolean step() {
    return switch (state) {
      case HEADER -> stepHeader();
      case PAYLOAD -> stepPayload();
      case SKIP -> stepSkip();
      case UNDECIDED -> false;
      case DISCARD -> {
        dropChunks();
        yield false;
      }
    };
  }

  private boolean stepHeader() {
    ByteBuf chunk = chunks.peek();
    if (chunk == null) {
      return false;
    }
    header.writeBytes(chunk, Math.min(chunk.readableBytes(), headerSize - header.readableBytes()));
    if (header.readableBytes() == headerSize) {
      state = State.UNDECIDED;
      try {
        sink.header(header);
      } finally {
        header.clear();
      }
    }
    return true;
  }

  private boolean stepPayload() {
    ByteBuf chunk = chunks.peek();
    if (payload == null) {
      if (wanted == 0) {
        return deliver(Unpooled.EMPTY_BUFFER);
      }
      if (chunk != null && chunk.readableBytes() >= wanted && wanted >= chunk.capacity() / 2) {
        return deliver(chunk.readRetainedSlice(wanted));
      }
      payload = context().alloc().directBuffer(wanted, wanted);
    }
    ByteBuf target = payload;
    if (chunk != null) {
      target.writeBytes(chunk, Math.min(chunk.readableBytes(), target.writableBytes()));
    }
    if (!target.isWritable()) {
      payload = null;
      return deliver(target);
    }
    return chunk != null;
  }

  private boolean deliver(ByteBuf complete) {
    state = State.HEADER;
    sink.payload(complete);
    return true;
  }

  private boolean stepSkip() {
    ByteBuf chunk = chunks.peek();
    if (chunk != null) {
      int skipped = Math.min(chunk.readableBytes(), wanted);
      chunk.skipBytes(skipped);
      wanted -= skipped;
    }
    if (wanted == 0) {
      state = State.HEADER;
      return true;
    }
    return chunk != null;
  }

  private void releaseEmptyChunk() {
    ByteBuf chunk = chunks.peek();
    if (chunk != null && !chunk.isReadable()) {
      chunks.remove().release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    ctx.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && !ended) {
      sink.inputEnded();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end();
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    releasePayload();
    dropChunks();
    sink.disconnected(failure);
  }

  private void releasePayload() {
    if (payload != null) {
      payload.release();
      payload = null;
    }
  }

  private void dropChunks() {
    for (ByteBuf chunk = chunks.poll(); chunk != null; chunk = chunks.poll()) {
      chunk.release();
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not in a pipeline");
  }
}
