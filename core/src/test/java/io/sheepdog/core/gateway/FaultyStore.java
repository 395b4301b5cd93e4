package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.sim.store.ForwardingStore;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store whose disk can be made to fail. */
final class FaultyStore extends ForwardingStore {
  StoreStatus reads = StoreStatus.OK;
  StoreStatus writes = StoreStatus.OK;
  StoreStatus syncs = StoreStatus.OK;

  /** The disk fails in the next read. */
  boolean failsInARead;

  private @Nullable String failure;

  FaultyStore(ObjectStore real) {
    super(real);
  }

  private static <T> CompletionStage<T> now(T value) {
    return CompletableFuture.completedFuture(value);
  }

  @Override
  public @Nullable String failure() {
    return failure == null ? super.failure() : failure;
  }

  @Override
  public CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length) {
    if (failsInARead) {
      failure = "as the test wants it";
      reads = StoreStatus.IO_ERROR;
    }
    return reads == StoreStatus.OK
        ? super.read(oid, offset, length)
        : now(ReadOutcome.failed(reads));
  }

  @Override
  public CompletionStage<StoreStatus> write(
      ObjectId oid, long offset, ByteBuf data, boolean durable) {
    return writes == StoreStatus.OK ? super.write(oid, offset, data, durable) : now(writes);
  }

  @Override
  public CompletionStage<PatchOutcome> patch(
      ObjectId oid, long version, long offset, ByteBuf data) {
    return writes == StoreStatus.OK
        ? super.patch(oid, version, offset, data)
        : now(PatchOutcome.failed(writes));
  }

  @Override
  public CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    return writes == StoreStatus.OK ? super.create(oid, attributes, offset, data) : now(writes);
  }

  @Override
  public CompletionStage<StoreStatus> createCopy(
      ObjectId oid, ObjectAttributes attributes, ByteBuf data) {
    return writes == StoreStatus.OK ? super.createCopy(oid, attributes, data) : now(writes);
  }

  @Override
  public CompletionStage<CopyOutcome> copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed) {
    return writes == StoreStatus.OK
        ? super.copy(oid, attributes, source, offset, data, isSummed)
        : now(CopyOutcome.failed(writes));
  }

  @Override
  public CompletionStage<StoreStatus> sync(VdiId vid) {
    return syncs == StoreStatus.OK ? super.sync(vid) : now(syncs);
  }
}
