package io.sheepdog.core.sim.net;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;

/** Hands out heap buffers on behalf of one process and counts those that were not given back. */
public final class BufferLedger extends AbstractByteBufAllocator {
  private int outstanding;

  /** A ledger without entries. */
  public BufferLedger() {
    super(false);
  }

  /** Buffers that nobody has released. */
  public int outstanding() {
    return outstanding;
  }

  /** A buffer that holds {@code bytes}. */
  public ByteBuf bufferOf(byte[] bytes) {
    return heapBuffer(bytes.length, Math.max(1, bytes.length)).writeBytes(bytes);
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    outstanding++;
    return new Counted(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return newHeapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }

  private final class Counted extends UnpooledHeapByteBuf {
    Counted(int initialCapacity, int maxCapacity) {
      super(BufferLedger.this, initialCapacity, maxCapacity);
    }

    @Override
    protected void deallocate() {
      outstanding--;
      super.deallocate();
    }
  }
}
