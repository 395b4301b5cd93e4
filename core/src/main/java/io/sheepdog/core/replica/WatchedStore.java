package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes everything on to a store, and tells before of which object the contents may change. */
final class WatchedStore implements ObjectStore {
  private final ObjectStore real;
  private final Consumer<ObjectId> onChange;

  /**
   * Watches a store.
   *
   * @param onChange told of an object just before its change is submitted; not of a wipe
   */
  WatchedStore(ObjectStore real, Consumer<ObjectId> onChange) {
    this.real = real;
    this.onChange = onChange;
  }

  @Override
  public long nanosStalled() {
    return real.nanosStalled();
  }

  @Override
  public @Nullable String failure() {
    return real.failure();
  }

  @Override
  public void onFailure(Runnable listener) {
    real.onFailure(listener);
  }

  @Override
  public boolean holds(ObjectId oid) {
    return real.holds(oid);
  }

  @Override
  public List<ObjectId> objectsOf(VdiId vid) {
    return real.objectsOf(vid);
  }

  @Override
  public List<ObjectId> objects() {
    return real.objects();
  }

  @Override
  public CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length) {
    return real.read(oid, offset, length);
  }

  @Override
  public CompletionStage<StoreStatus> write(
      ObjectId oid, long offset, ByteBuf data, boolean durable) {
    onChange.accept(oid);
    return real.write(oid, offset, data, durable);
  }

  @Override
  public CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    onChange.accept(oid);
    return real.create(oid, attributes, offset, data);
  }

  @Override
  public CompletionStage<StoreStatus> createCopy(
      ObjectId oid, ObjectAttributes attributes, ByteBuf data) {
    onChange.accept(oid);
    return real.createCopy(oid, attributes, data);
  }

  @Override
  public CompletionStage<CopyOutcome> copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed) {
    onChange.accept(oid);
    return real.copy(oid, attributes, source, offset, data, isSummed);
  }

  @Override
  public CompletionStage<StoreStatus> remove(ObjectId oid) {
    onChange.accept(oid);
    return real.remove(oid);
  }

  @Override
  public CompletionStage<StoreStatus> sync(VdiId vid) {
    return real.sync(vid);
  }

  @Override
  public CompletionStage<StoreStatus> setAside(ObjectId oid, Epoch lastValid) {
    onChange.accept(oid);
    return real.setAside(oid, lastValid);
  }

  @Override
  public CompletionStage<StoreStatus> takeBack(
      ObjectId oid, Epoch lastValid, ObjectAttributes attributes) {
    onChange.accept(oid);
    return real.takeBack(oid, lastValid, attributes);
  }

  @Override
  public List<Epoch> epochsSetAside(ObjectId oid) {
    return real.epochsSetAside(oid);
  }

  @Override
  public List<ObjectId> objectsSetAside() {
    return real.objectsSetAside();
  }

  @Override
  public CompletionStage<StoreStatus> purge(ObjectId oid, Epoch lastValid) {
    return real.purge(oid, lastValid);
  }

  @Override
  public CompletionStage<ReadOutcome> readSetAside(
      ObjectId oid, Epoch lastValid, long offset, int length) {
    return real.readSetAside(oid, lastValid, offset, length);
  }

  @Override
  public CompletionStage<DigestOutcome> digest(ObjectId oid) {
    return real.digest(oid);
  }

  @Override
  public CompletionStage<ReadOutcome> readVersion(
      ObjectId oid, long version, long offset, int length) {
    return real.readVersion(oid, version, offset, length);
  }

  @Override
  public CompletionStage<PatchOutcome> patch(
      ObjectId oid, long version, long offset, ByteBuf data) {
    onChange.accept(oid);
    return real.patch(oid, version, offset, data);
  }

  @Override
  public CompletionStage<DigestOutcome> digestSetAside(ObjectId oid, Epoch lastValid) {
    return real.digestSetAside(oid, lastValid);
  }

  @Override
  public CompletionStage<StoreStatus> markClean(ObjectId oid, long version) {
    return real.markClean(oid, version);
  }

  @Override
  public List<ObjectId> dirtyObjects() {
    return real.dirtyObjects();
  }

  @Override
  public boolean mayHaveLostWrites(ObjectId oid) {
    return real.mayHaveLostWrites(oid);
  }

  @Override
  public CompletionStage<StoreStatus> lossMadeGood(ObjectId oid) {
    return real.lossMadeGood(oid);
  }

  @Override
  public CompletionStage<AttributesOutcome> attributes(ObjectId oid) {
    return real.attributes(oid);
  }

  @Override
  public CompletionStage<StoreStatus> wipe() {
    return real.wipe();
  }

  @Override
  public CompletionStage<StoreSpace> space() {
    return real.space();
  }
}
