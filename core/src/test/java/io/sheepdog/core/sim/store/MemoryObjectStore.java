package io.sheepdog.core.sim.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.SimProcess;
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
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ObjectStore} in memory. An operation takes effect at a seeded time after its submission
 * and completes at a seeded time after that; a durable one reaches the {@linkplain StoreContents
 * platter} when it completes, not when it takes effect. Operations on one object follow each other,
 * those on different objects overtake each other.
 */
public final class MemoryObjectStore implements ObjectStore {
  /** No object has this version. */
  private static final long ANY_VERSION = 0;

  private static final ObjectAttributes NO_ATTRIBUTES = new ObjectAttributes(0, 1, 0, Epoch.ZERO);

  private final StoreContents contents;
  private final ByteBufAllocator allocator;
  private final StoreWatcher watcher;
  private final ObjectQueues queues;
  private final Breakdown breakdown;

  /**
   * @param contents what survives the process; may come from an earlier store
   * @param process whose loop this runs on
   * @param random seeded
   * @param delays how long things take
   * @param allocator where buffers of reads come from
   * @param watcher told of every effect
   */
  public MemoryObjectStore(
      StoreContents contents,
      SimProcess process,
      RandomGenerator random,
      Delays delays,
      ByteBufAllocator allocator,
      StoreWatcher watcher) {
    this.contents = contents;
    this.allocator = allocator;
    this.watcher = watcher;
    this.queues = new ObjectQueues(process, random, delays);
    this.breakdown = new Breakdown(new SplittableRandom(random.nextLong()));
    // only this process knew which parts of a dirty object had not been written to
    contents.healDirty();
  }

  /** What survives this process. */
  public StoreContents contents() {
    return contents;
  }

  /** From now on nothing that the disk is given ends within that time. */
  public void hang(long nanos) {
    queues.hang(nanos);
  }

  @Override
  public long nanosStalled() {
    return queues.nanosStalled();
  }

  /** The next operation that needs the disk meets an error, and from then on it is of no use. */
  public void breakDown() {
    breakdown.begin();
  }

  /** A disk that is broken meets its error now, if it has not yet. */
  public void noticeBreakdown() {
    if (!breakdown.refuses()) {
      contents.visible().keySet().stream().findFirst().ifPresent(oid -> breakdown.hits(oid, true));
    }
  }

  @Override
  public @Nullable String failure() {
    return breakdown.failure();
  }

  @Override
  public void onFailure(Runnable listener) {
    breakdown.onFailure(listener);
  }

  /** A change: refused on a broken disk, and failed if the disk breaks before it is durable. */
  private CompletableFuture<StoreStatus> change(
      ObjectId oid, Supplier<StoreStatus> effect, Consumer<StoreStatus> end) {
    boolean[] refused = {false};
    return queues.submitUntilEnd(
        oid,
        () -> {
          refused[0] = breakdown.refuses();
          return refused[0] || breakdown.hits(oid, true) ? StoreStatus.IO_ERROR : effect.get();
        },
        status -> {
          if (status == StoreStatus.OK && breakdown.hits(oid, true)) {
            drop(oid);
            end.accept(StoreStatus.IO_ERROR);
            return StoreStatus.IO_ERROR;
          }
          end.accept(status);
          return status;
        });
  }

  private void drop(ObjectId oid) {
    StoredObject object = contents.visible().get(oid);
    if (object != null && breakdown.coin()) {
      object.dropUnsynced();
    }
  }

  @Override
  public boolean holds(ObjectId oid) {
    return contents.visible().containsKey(oid);
  }

  @Override
  public List<ObjectId> objectsOf(VdiId vid) {
    List<ObjectId> found = new ArrayList<>();
    for (ObjectId oid : contents.visible().keySet()) {
      if (oid.vid().equals(vid)) {
        found.add(oid);
      }
    }
    return found;
  }

  @Override
  public List<ObjectId> objects() {
    return new ArrayList<>(contents.visible().keySet());
  }

  @Override
  public CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length) {
    return queues.submit(
        oid,
        () ->
            isUnreadable(oid)
                ? ReadOutcome.failed(StoreStatus.IO_ERROR)
                : readHere(oid, offset, length),
        outcome -> {});
  }

  private boolean isUnreadable(ObjectId oid) {
    return breakdown.hasHarmed(oid) || (!breakdown.refuses() && breakdown.hits(oid, false));
  }

  private ReadOutcome readHere(ObjectId oid, long offset, int length) {
    StoredObject object = contents.visible().get(oid);
    if (contents.looks() && object != null && !outside(object.attributes(), offset, length)) {
      look(oid, object, offset, offset + length);
    }
    return readFrom(object, offset, length);
  }

  private void look(ObjectId oid, StoredObject object, long from, long to) {
    if (object.rot().look(from, to)) {
      contents.dirty().add(oid);
    }
  }

  private ReadOutcome readFrom(@Nullable StoredObject object, long offset, int length) {
    if (object == null) {
      return ReadOutcome.failed(StoreStatus.NO_OBJECT);
    }
    if (outside(object.attributes(), offset, length)) {
      return ReadOutcome.failed(StoreStatus.OUT_OF_RANGE);
    }
    if (object.rot().hits(offset, offset + length)) {
      return ReadOutcome.failed(StoreStatus.DAMAGED);
    }
    ByteBuf data = allocator.heapBuffer(length, Math.max(1, length));
    data.writeBytes(object.read(offset, length));
    return new ReadOutcome(StoreStatus.OK, data);
  }

  @Override
  public CompletionStage<StoreStatus> write(
      ObjectId oid, long offset, ByteBuf data, boolean durable) {
    return write(oid, ANY_VERSION, offset, ByteBufUtil.getBytes(data), durable, object -> {});
  }

  private CompletionStage<StoreStatus> write(
      ObjectId oid,
      long version,
      long offset,
      byte[] bytes,
      boolean durable,
      Consumer<StoredObject> whenWritten) {
    watcher.submitted(StoreWatcher.Kind.WRITE, oid, offset);
    return change(
        oid,
        () -> {
          StoredObject object = contents.visible().get(oid);
          if (object == null) {
            return StoreStatus.NO_OBJECT;
          }
          if (outside(object.attributes(), offset, bytes.length)) {
            return StoreStatus.OUT_OF_RANGE;
          }
          if (version != ANY_VERSION && object.version() != version) {
            return StoreStatus.CHANGED;
          }
          contents.dirty().add(oid);
          if (contents.refusesWrite(object, offset, bytes.length)) {
            return StoreStatus.NO_SPACE;
          }
          object.write(offset, bytes);
          watcher.written(oid, offset, bytes);
          whenWritten.accept(object);
          return StoreStatus.OK;
        },
        status -> {
          StoredObject object = contents.visible().get(oid);
          if (durable && status == StoreStatus.OK && object != null) {
            object.sync();
          }
          watcher.finished(StoreWatcher.Kind.WRITE, oid, offset);
        });
  }

  @Override
  public CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    return create(oid, attributes, offset, data, contents::refusesCreation);
  }

  @Override
  public CompletionStage<StoreStatus> createCopy(
      ObjectId oid, ObjectAttributes attributes, ByteBuf data) {
    return create(
        oid,
        attributes,
        0,
        data,
        copied -> copied.kind() != ObjectKind.INODE && contents.refusesCreation(copied));
  }

  private CompletionStage<StoreStatus> create(
      ObjectId oid,
      ObjectAttributes attributes,
      long offset,
      ByteBuf data,
      Predicate<ObjectId> isRefused) {
    byte[] bytes = ByteBufUtil.getBytes(data);
    watcher.submitted(StoreWatcher.Kind.CREATE, oid, offset);
    return change(
        oid,
        () -> {
          if (outside(attributes, offset, bytes.length)) {
            return StoreStatus.OUT_OF_RANGE;
          }
          if (isRefused.test(oid)) {
            return StoreStatus.NO_SPACE;
          }
          contents.dirty().add(oid);
          StoredObject object = new StoredObject(attributes);
          object.write(offset, bytes);
          contents.visible().put(oid, object);
          watcher.written(oid, offset, bytes);
          return StoreStatus.OK;
        },
        status -> {
          if (status == StoreStatus.OK) {
            Objects.requireNonNull(contents.visible().get(oid)).sync();
            contents.makeNameDurable(oid);
          }
          watcher.finished(StoreWatcher.Kind.CREATE, oid, offset);
        });
  }

  @Override
  public CompletionStage<CopyOutcome> copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed) {
    byte[] bytes = ByteBufUtil.getBytes(data);
    long[] sum = {0};
    watcher.submitted(StoreWatcher.Kind.CREATE, oid, offset);
    return change(
            oid,
            () -> {
              StoredObject from = contents.visible().get(source);
              StoreStatus refusal = refusal(from, attributes, source, offset, bytes.length);
              if (from == null || refusal != StoreStatus.OK) {
                return refusal;
              }
              if (contents.refusesCreation(oid)) {
                return StoreStatus.NO_SPACE;
              }
              sum[0] = isSummed ? from.sum() : 0;
              contents.dirty().add(oid);
              StoredObject object = from.copy(attributes);
              object.write(offset, bytes);
              contents.visible().put(oid, object);
              watcher.written(oid, offset, bytes);
              return StoreStatus.OK;
            },
            status -> {
              if (status == StoreStatus.OK) {
                Objects.requireNonNull(contents.visible().get(oid)).sync();
                contents.makeNameDurable(oid);
              }
              watcher.finished(StoreWatcher.Kind.CREATE, oid, offset);
            })
        .thenApply(
            status ->
                status == StoreStatus.OK
                    ? new CopyOutcome(status, sum[0])
                    : CopyOutcome.failed(status));
  }

  private StoreStatus refusal(
      @Nullable StoredObject from,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      int length) {
    if (outside(attributes, offset, length)) {
      return StoreStatus.OUT_OF_RANGE;
    }
    if (isUnreadable(source)) {
      return StoreStatus.DAMAGED;
    }
    if (from == null || from.attributes().size() != attributes.size()) {
      return StoreStatus.NO_OBJECT;
    }
    long size = attributes.size();
    if (contents.looksWhenCopying()) {
      look(source, from, 0, size);
    }
    return from.rot().hits(0, size) ? StoreStatus.DAMAGED : StoreStatus.OK;
  }

  @Override
  public CompletionStage<StoreStatus> remove(ObjectId oid) {
    watcher.submitted(StoreWatcher.Kind.REMOVE, oid, 0);
    return change(
        oid,
        () -> {
          boolean present = contents.visible().remove(oid) != null;
          contents.notDirty(oid);
          if (present) {
            watcher.removed(oid);
          }
          return present ? StoreStatus.OK : StoreStatus.NO_OBJECT;
        },
        status -> {
          contents.makeNameDurable(oid);
          watcher.finished(StoreWatcher.Kind.REMOVE, oid, 0);
        });
  }

  @Override
  public CompletionStage<StoreStatus> sync(VdiId vid) {
    List<CompletableFuture<StoreStatus>> parts = new ArrayList<>();
    for (ObjectId oid : queues.alsoBusy(objectsOf(vid), vid)) {
      parts.add(queues.submitUntilEnd(oid, () -> StoreStatus.OK, status -> sync(oid)));
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                parts.stream().allMatch(part -> part.join() == StoreStatus.OK)
                    ? StoreStatus.OK
                    : StoreStatus.IO_ERROR);
  }

  private StoreStatus sync(ObjectId oid) {
    StoredObject object = contents.visible().get(oid);
    if (object == null || !object.hasUnsynced()) {
      return StoreStatus.OK;
    }
    if (breakdown.hits(oid, true)) {
      drop(oid);
      return StoreStatus.IO_ERROR;
    }
    object.sync();
    return StoreStatus.OK;
  }

  @Override
  public CompletionStage<StoreStatus> setAside(ObjectId oid, Epoch lastValid) {
    return change(
        oid,
        () -> {
          StoredObject object = contents.visible().remove(oid);
          if (object == null) {
            return StoreStatus.NO_OBJECT;
          }
          object.heal();
          contents.aside(oid).put(lastValid, object);
          contents.notDirty(oid);
          return StoreStatus.OK;
        },
        status -> contents.makeNameDurable(oid));
  }

  @Override
  public CompletionStage<StoreStatus> takeBack(
      ObjectId oid, Epoch lastValid, ObjectAttributes attributes) {
    return change(
        oid,
        () -> {
          StoredObject aside = contents.aside(oid).remove(lastValid);
          if (aside == null) {
            return StoreStatus.NO_OBJECT;
          }
          contents.dirty().add(oid);
          contents.visible().put(oid, aside.with(attributes));
          return StoreStatus.OK;
        },
        status -> contents.makeNameDurable(oid));
  }

  @Override
  public List<Epoch> epochsSetAside(ObjectId oid) {
    return new ArrayList<>(contents.aside(oid).keySet());
  }

  @Override
  public List<ObjectId> objectsSetAside() {
    return contents.objectsSetAside();
  }

  @Override
  public CompletionStage<StoreStatus> purge(ObjectId oid, Epoch lastValid) {
    return change(
        oid,
        () ->
            contents.aside(oid).remove(lastValid) == null ? StoreStatus.NO_OBJECT : StoreStatus.OK,
        status -> {});
  }

  @Override
  public CompletionStage<ReadOutcome> readSetAside(
      ObjectId oid, Epoch lastValid, long offset, int length) {
    return queues.submit(
        oid, () -> readFrom(contents.aside(oid).get(lastValid), offset, length), outcome -> {});
  }

  @Override
  public CompletionStage<DigestOutcome> digest(ObjectId oid) {
    return queues.submit(
        oid,
        () -> isUnreadable(oid) ? DigestOutcome.failed(StoreStatus.IO_ERROR) : digestHere(oid),
        outcome -> {});
  }

  @Override
  public CompletionStage<ReadOutcome> readVersion(
      ObjectId oid, long version, long offset, int length) {
    return queues.submit(
        oid,
        () -> {
          StoredObject object = contents.visible().get(oid);
          if (isUnreadable(oid)) {
            return ReadOutcome.failed(StoreStatus.IO_ERROR);
          }
          return object != null && object.version() != version
              ? ReadOutcome.failed(StoreStatus.CHANGED)
              : readHere(oid, offset, length);
        },
        outcome -> {});
  }

  @Override
  public CompletionStage<PatchOutcome> patch(
      ObjectId oid, long version, long offset, ByteBuf data) {
    byte[] bytes = ByteBufUtil.getBytes(data);
    long[] now = {0};
    return write(oid, version, offset, bytes, true, object -> now[0] = object.version())
        .thenApply(
            status ->
                status == StoreStatus.OK
                    ? new PatchOutcome(status, now[0])
                    : PatchOutcome.failed(status));
  }

  @Override
  public CompletionStage<DigestOutcome> digestSetAside(ObjectId oid, Epoch lastValid) {
    return queues.submit(oid, () -> digestOf(contents.aside(oid).get(lastValid)), outcome -> {});
  }

  private DigestOutcome digestHere(ObjectId oid) {
    StoredObject object = contents.visible().get(oid);
    if (object != null) {
      look(oid, object, 0, object.attributes().size());
    }
    return digestOf(object);
  }

  private DigestOutcome digestOf(@Nullable StoredObject object) {
    if (object == null) {
      return DigestOutcome.failed(StoreStatus.NO_OBJECT);
    }
    if (!breakdown.refuses()) {
      object.sync();
    }
    return new DigestOutcome(StoreStatus.OK, object.digest(), object.version());
  }

  @Override
  public CompletionStage<StoreStatus> markClean(ObjectId oid, long version) {
    return change(
        oid,
        () -> {
          StoredObject object = contents.visible().get(oid);
          if (object == null || object.version() != version || !object.rot().damaged().isEmpty()) {
            return StoreStatus.CHANGED;
          }
          contents.notDirty(oid);
          return StoreStatus.OK;
        },
        status -> {});
  }

  @Override
  public List<ObjectId> dirtyObjects() {
    return List.copyOf(contents.dirty());
  }

  @Override
  public boolean mayHaveLostWrites(ObjectId oid) {
    return contents.mayHaveLost(oid);
  }

  @Override
  public CompletionStage<StoreStatus> lossMadeGood(ObjectId oid) {
    return change(
        oid,
        () -> {
          contents.lossMadeGood(oid);
          return StoreStatus.OK;
        },
        status -> {});
  }

  @Override
  public CompletionStage<AttributesOutcome> attributes(ObjectId oid) {
    return queues.submit(
        oid,
        () -> {
          StoredObject object = contents.visible().get(oid);
          if (isUnreadable(oid)) {
            return new AttributesOutcome(StoreStatus.IO_ERROR, NO_ATTRIBUTES);
          }
          return object == null
              ? new AttributesOutcome(StoreStatus.NO_OBJECT, NO_ATTRIBUTES)
              : new AttributesOutcome(StoreStatus.OK, object.attributes());
        },
        outcome -> {});
  }

  @Override
  public CompletionStage<StoreStatus> wipe() {
    return queues.submitAfterAll(
        (Supplier<StoreStatus>)
            () -> {
              contents.clear();
              return StoreStatus.OK;
            });
  }

  @Override
  public CompletionStage<StoreSpace> space() {
    NavigableMap<ObjectId, StoredObject> visible = contents.visible();
    long used = (visible.size() + contents.copiesAside()) * StoreContents.OBJECT_BYTES;
    long free = Math.max(0, contents.capacity() - used);
    return CompletableFuture.completedFuture(
        new StoreSpace(contents.capacity(), free, used, contents.capacity()));
  }

  private static boolean outside(ObjectAttributes attributes, long offset, int length) {
    return offset < 0 || offset > attributes.size() - length;
  }
}
