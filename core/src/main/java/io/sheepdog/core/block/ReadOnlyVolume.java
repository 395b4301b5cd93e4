package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ResultCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What volumes have in common that nobody may change. */
abstract class ReadOnlyVolume implements BlockVolume {
  @Override
  public final boolean isWritable() {
    return false;
  }

  @Override
  public final boolean isLost() {
    return false;
  }

  @Override
  public final CompletionStage<ResultCode> write(long offset, ByteBuf data, boolean durable) {
    return refused();
  }

  @Override
  public final CompletionStage<ResultCode> zero(long offset, long length, ZeroMode mode) {
    return refused();
  }

  @Override
  public final CompletionStage<ResultCode> discard(long offset, long length) {
    return refused();
  }

  @Override
  public final CompletionStage<ResultCode> flush() {
    return CompletableFuture.completedFuture(ResultCode.SUCCESS);
  }

  private static CompletionStage<ResultCode> refused() {
    return CompletableFuture.completedFuture(ResultCode.READONLY);
  }
}
