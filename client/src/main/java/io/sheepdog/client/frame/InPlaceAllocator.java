package io.sheepdog.client.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Lets the socket be read straight into the payload buffer of a {@link FrameReceiver}; ordinary
 * adaptive buffers otherwise.
 */
final class InPlaceAllocator implements RecvByteBufAllocator {
  private final RecvByteBufAllocator ordinary = new AdaptiveRecvByteBufAllocator();
  private final FrameReceiver receiver;

  InPlaceAllocator(FrameReceiver receiver) {
    this.receiver = receiver;
  }

  @Override
  @SuppressWarnings(
      "deprecation") // Netty declares the return type that way; the handle implements the newer
  // interface.
  public Handle newHandle() {
    return new InPlaceHandle((ExtendedHandle) ordinary.newHandle(), receiver);
  }

  private static final class InPlaceHandle implements ExtendedHandle {
    private final ExtendedHandle ordinary;
    private final FrameReceiver receiver;

    InPlaceHandle(ExtendedHandle ordinary, FrameReceiver receiver) {
      this.ordinary = ordinary;
      this.receiver = receiver;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      ByteBuf target = receiver.nextReadTarget();
      return target == null ? ordinary.allocate(allocator) : target;
    }

    @Override
    public int guess() {
      return ordinary.guess();
    }

    @Override
    public void reset(ChannelConfig config) {
      ordinary.reset(config);
    }

    @Override
    public void incMessagesRead(int count) {
      ordinary.incMessagesRead(count);
    }

    @Override
    public void lastBytesRead(int bytes) {
      ordinary.lastBytesRead(bytes);
    }

    @Override
    public int lastBytesRead() {
      return ordinary.lastBytesRead();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      ordinary.attemptedBytesRead(bytes);
    }

    @Override
    public int attemptedBytesRead() {
      return ordinary.attemptedBytesRead();
    }

    @Override
    public boolean continueReading() {
      return ordinary.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return ordinary.continueReading(maybeMoreData);
    }

    @Override
    public void readComplete() {
      ordinary.readComplete();
    }
  }
}
