package io.sheepdog.daemon.store;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The core loop's side of the objects: index, admission, and which stripe does what. */
final class FileObjectStore implements ObjectStore {
  private final Executor coreLoop;
  private final ObjectIndex index;
  private final Backlog backlog;
  private final Stripes stripes;
  private final SpaceGauge space;
  private final DiskPulse pulse;
  private final DirtyLog dirtyLog;
  private final DiskHealth health;

  FileObjectStore(
      Executor coreLoop,
      ObjectIndex index,
      Backlog backlog,
      Stripes stripes,
      SpaceGauge space,
      DiskPulse pulse,
      DirtyLog dirtyLog,
      DiskHealth health) {
    this.coreLoop = coreLoop;
    this.index = index;
    this.backlog = backlog;
    this.stripes = stripes;
    this.space = space;
    this.pulse = pulse;
    this.dirtyLog = dirtyLog;
    this.health = health;
  }

  @Override
  public @Nullable String failure() {
    return health.failure();
  }

  @Override
  public void onFailure(Runnable listener) {
    health.onFailure(listener);
  }

  @Override
  public boolean holds(ObjectId oid) {
    return index.holds(oid);
  }

  @Override
  public List<ObjectId> objectsOf(VdiId vid) {
    return index.of(vid);
  }

  @Override
  public List<ObjectId> objects() {
    return index.all();
  }

  @Override
  public CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length) {
    return submitRead(
        oid, length, ticket -> new Task.Read(oid, SummedUp.NOTHING, offset, length, ticket));
  }

  @Override
  public CompletionStage<ReadOutcome> readVersion(
      ObjectId oid, long version, long offset, int length) {
    return submitRead(oid, length, ticket -> new Task.Read(oid, version, offset, length, ticket));
  }

  @Override
  public CompletionStage<PatchOutcome> patch(
      ObjectId oid, long version, long offset, ByteBuf data) {
    return submit(
        oid,
        data.readableBytes(),
        ticket -> new Task.Patch(oid, version, offset, data.retainedDuplicate(), ticket),
        () -> PatchOutcome.failed(StoreStatus.BUSY),
        outcome -> {},
        outcome -> {});
  }

  @Override
  public CompletionStage<ReadOutcome> readSetAside(
      ObjectId oid, Epoch lastValid, long offset, int length) {
    return submitRead(
        oid, length, ticket -> new Task.ReadAside(oid, lastValid, offset, length, ticket));
  }

  private CompletionStage<ReadOutcome> submitRead(
      ObjectId oid, int length, Function<Ticket<ReadOutcome>, Task> task) {
    if (length < 0) {
      return CompletableFuture.completedFuture(ReadOutcome.failed(StoreStatus.OUT_OF_RANGE));
    }
    return submit(
        oid,
        length,
        task,
        () -> ReadOutcome.failed(StoreStatus.BUSY),
        outcome -> {},
        outcome -> outcome.data().release());
  }

  @Override
  public CompletionStage<StoreStatus> write(
      ObjectId oid, long offset, ByteBuf data, boolean durable) {
    return submitStatus(
        oid,
        data.readableBytes(),
        ticket -> new Task.Write(oid, offset, data.retainedDuplicate(), durable, ticket),
        () -> {});
  }

  @Override
  public CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
    return create(oid, attributes, offset, data, false);
  }

  @Override
  public CompletionStage<StoreStatus> createCopy(
      ObjectId oid, ObjectAttributes attributes, ByteBuf data) {
    return create(oid, attributes, 0, data, true);
  }

  private CompletionStage<StoreStatus> create(
      ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data, boolean isCopy) {
    return submitStatus(
        oid,
        data.readableBytes(),
        ticket ->
            new Task.Create(oid, attributes, offset, data.retainedDuplicate(), isCopy, ticket),
        () -> index.add(oid, attributes.size()));
  }

  @Override
  public CompletionStage<CopyOutcome> copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed) {
    return submit(
        oid,
        data.readableBytes(),
        ticket ->
            new Task.Copy(
                oid, attributes, source, offset, data.retainedDuplicate(), isSummed, ticket),
        () -> CopyOutcome.failed(StoreStatus.BUSY),
        outcome -> {
          if (outcome.status() == StoreStatus.OK) {
            index.add(oid, attributes.size());
          }
        },
        outcome -> {});
  }

  @Override
  public CompletionStage<StoreStatus> remove(ObjectId oid) {
    return submit(
        oid,
        0,
        ticket -> new Task.Remove(oid, ticket),
        () -> StoreStatus.BUSY,
        status -> {
          if (status == StoreStatus.OK || status == StoreStatus.NO_OBJECT) {
            index.remove(oid);
          }
        },
        status -> {});
  }

  @Override
  public CompletionStage<StoreStatus> setAside(ObjectId oid, Epoch lastValid) {
    return submitStatus(
        oid,
        0,
        ticket -> new Task.SetAside(oid, lastValid, ticket),
        () -> index.setAside(oid, lastValid));
  }

  @Override
  public CompletionStage<StoreStatus> takeBack(
      ObjectId oid, Epoch lastValid, ObjectAttributes attributes) {
    return submitStatus(
        oid,
        0,
        ticket -> new Task.TakeBack(oid, lastValid, attributes, ticket),
        () -> {
          index.removeAside(oid, lastValid);
          index.add(oid, attributes.size());
        });
  }

  @Override
  public List<Epoch> epochsSetAside(ObjectId oid) {
    return index.aside(oid);
  }

  @Override
  public List<ObjectId> objectsSetAside() {
    return index.objectsAside();
  }

  @Override
  public CompletionStage<StoreStatus> purge(ObjectId oid, Epoch lastValid) {
    return submit(
        oid,
        0,
        ticket -> new Task.Purge(oid, lastValid, ticket),
        () -> StoreStatus.BUSY,
        status -> {
          if (status == StoreStatus.OK || status == StoreStatus.NO_OBJECT) {
            index.removeAside(oid, lastValid);
          }
        },
        status -> {});
  }

  @Override
  public CompletionStage<StoreStatus> markClean(ObjectId oid, long version) {
    return submitStatus(oid, 0, ticket -> new Task.MarkClean(oid, version, ticket), () -> {});
  }

  @Override
  public boolean mayHaveLostWrites(ObjectId oid) {
    return dirtyLog.isOfBefore(oid);
  }

  @Override
  public CompletionStage<StoreStatus> lossMadeGood(ObjectId oid) {
    return submitStatus(oid, 0, ticket -> new Task.LossMadeGood(oid, ticket), () -> {});
  }

  @Override
  public CompletionStage<DigestOutcome> digest(ObjectId oid) {
    return submitDigest(oid, null);
  }

  @Override
  public CompletionStage<DigestOutcome> digestSetAside(ObjectId oid, Epoch lastValid) {
    return submitDigest(oid, lastValid);
  }

  private CompletionStage<DigestOutcome> submitDigest(ObjectId oid, @Nullable Epoch aside) {
    return submit(
        oid,
        0,
        ticket -> new Task.Digest(oid, aside, ticket),
        () -> DigestOutcome.failed(StoreStatus.BUSY),
        outcome -> {},
        outcome -> {});
  }

  @Override
  public List<ObjectId> dirtyObjects() {
    return dirtyLog.objects();
  }

  @Override
  public CompletionStage<AttributesOutcome> attributes(ObjectId oid) {
    return submit(
        oid,
        0,
        ticket -> new Task.Attributes(oid, ticket),
        () -> new AttributesOutcome(StoreStatus.BUSY, ObjectFiles.NONE),
        outcome -> {},
        outcome -> {});
  }

  private CompletionStage<StoreStatus> submitStatus(
      ObjectId oid, int bytes, Function<Ticket<StoreStatus>, Task> task, Runnable whenOk) {
    return submit(
        oid,
        bytes,
        task,
        () -> StoreStatus.BUSY,
        status -> {
          if (status == StoreStatus.OK) {
            whenOk.run();
          }
        },
        status -> {});
  }

  private <T> CompletionStage<T> submit(
      ObjectId oid,
      int bytes,
      Function<Ticket<T>, Task> task,
      Supplier<T> refusal,
      Consumer<T> bookkeeping,
      Consumer<T> undeliverable) {
    if (!backlog.add(bytes)) {
      return CompletableFuture.completedFuture(refusal.get());
    }
    Ticket<T> ticket =
        new Ticket<>(
            coreLoop,
            value -> {
              backlog.remove(bytes);
              bookkeeping.accept(value);
            },
            undeliverable);
    stripes.of(oid).submit(task.apply(ticket));
    return ticket.stage();
  }

  @Override
  public CompletionStage<StoreStatus> sync(VdiId vid) {
    return onAllStripes((stripe, ticket) -> new Task.Sync(vid, ticket), stripe -> {});
  }

  @Override
  public CompletionStage<StoreStatus> wipe() {
    // A stripe's answer comes before those to objects created in it afterwards: only what it wiped
    // leaves the index.
    return onAllStripes(
        (stripe, ticket) -> new Task.Wipe(ticket),
        stripe -> index.removeIf(oid -> stripes.indexOf(oid) == stripe));
  }

  /**
   * Gives every stripe a task; the worst of their answers counts. Few and small, so they are always
   * admitted.
   */
  private CompletionStage<StoreStatus> onAllStripes(StripeTask task, Consumer<Integer> whenOk) {
    CompletionStage<StoreStatus> all = CompletableFuture.completedFuture(StoreStatus.OK);
    for (int i = 0; i < stripes.count(); i++) {
      int stripe = i;
      Ticket<StoreStatus> ticket =
          new Ticket<>(
              coreLoop,
              status -> {
                if (status == StoreStatus.OK) {
                  whenOk.accept(stripe);
                }
              },
              status -> {});
      stripes.at(stripe).submit(task.make(stripe, ticket));
      all = all.thenCombine(ticket.stage(), (a, b) -> a == StoreStatus.OK ? b : a);
    }
    return all;
  }

  private interface StripeTask {
    Task make(int stripe, Ticket<StoreStatus> ticket);
  }

  @Override
  public long nanosStalled() {
    return pulse.nanosStalled();
  }

  @Override
  public CompletionStage<StoreSpace> space() {
    return space.now();
  }
}
