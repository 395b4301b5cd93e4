package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore.AttributesOutcome;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import org.jspecify.annotations.Nullable;

/** An operation on its way through a {@link Stripe}. */
sealed interface Task {
  /** Carries it out and lets go of the payload; it is answered then or by {@link Batch#finish}. */
  void run(Batch batch);

  /** Answers without carrying it out, unless it was answered. */
  void fail(StoreStatus status);

  /** Lets go of the payload of a task that is not carried out. */
  default void release() {}

  /**
   * The object whose dirty mark must be durable before this task runs (R10), null if it changes no
   * data.
   */
  default @Nullable ObjectId dirties() {
    return null;
  }

  /**
   * Whether it may take a dirty mark away; a task that {@link #dirties} never follows one in a
   * batch.
   */
  default boolean unmarks() {
    return false;
  }

  /** Whether it changes nothing on the disk. */
  default boolean isRead() {
    return false;
  }

  /**
   * Reads a piece.
   *
   * @param version that the object must have, {@link SummedUp#NOTHING} for any
   */
  record Read(ObjectId oid, long version, long offset, int length, Ticket<ReadOutcome> ticket)
      implements Task {
    @Override
    public boolean isRead() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      boolean isMeant = version == SummedUp.NOTHING || batch.files().isUnchanged(oid, version);
      ticket.answer(
          isMeant
              ? batch.files().read(oid, offset, length)
              : ReadOutcome.failed(StoreStatus.CHANGED));
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(ReadOutcome.failed(status));
    }
  }

  record ReadAside(ObjectId oid, Epoch epoch, long offset, int length, Ticket<ReadOutcome> ticket)
      implements Task {
    @Override
    public boolean isRead() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      ticket.answer(batch.files().readAside(oid, epoch, offset, length));
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(ReadOutcome.failed(status));
    }
  }

  /**
   * Checksums of an object.
   *
   * @param aside the epoch of the copy that was set aside, null for the present one
   */
  record Digest(ObjectId oid, @Nullable Epoch aside, Ticket<DigestOutcome> ticket) implements Task {
    @Override
    public boolean isRead() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      ticket.answer(batch.files().digest(oid, aside));
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(DigestOutcome.failed(status));
    }
  }

  record Attributes(ObjectId oid, Ticket<AttributesOutcome> ticket) implements Task {
    @Override
    public boolean isRead() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      ticket.answer(batch.files().attributes(oid));
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(new AttributesOutcome(status, ObjectFiles.NONE));
    }
  }

  /** Owns one reference of {@code data}. */
  record Write(ObjectId oid, long offset, ByteBuf data, boolean durable, Ticket<StoreStatus> ticket)
      implements Task {
    @Override
    public void run(Batch batch) {
      batch.write(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public void release() {
      data.release();
    }

    @Override
    public ObjectId dirties() {
      return oid;
    }
  }

  /**
   * A durable write that takes place only if the object has that version. Owns one reference of
   * {@code data}.
   */
  record Patch(ObjectId oid, long version, long offset, ByteBuf data, Ticket<PatchOutcome> ticket)
      implements Task {
    @Override
    public void run(Batch batch) {
      batch.patch(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(PatchOutcome.failed(status));
    }

    @Override
    public void release() {
      data.release();
    }

    @Override
    public ObjectId dirties() {
      return oid;
    }
  }

  /**
   * Owns one reference of {@code data}.
   *
   * @param isCopy whether other nodes have the object already
   */
  record Create(
      ObjectId oid,
      ObjectAttributes attributes,
      long offset,
      ByteBuf data,
      boolean isCopy,
      Ticket<StoreStatus> ticket)
      implements Task {
    @Override
    public void run(Batch batch) {
      batch.create(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public void release() {
      data.release();
    }

    @Override
    public ObjectId dirties() {
      return oid;
    }
  }

  /**
   * Owns one reference of {@code data}.
   *
   * @param isSummed whether a checksum of what is copied is wanted
   */
  record Copy(
      ObjectId oid,
      ObjectAttributes attributes,
      ObjectId source,
      long offset,
      ByteBuf data,
      boolean isSummed,
      Ticket<CopyOutcome> ticket)
      implements Task {
    @Override
    public void run(Batch batch) {
      batch.copy(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(CopyOutcome.failed(status));
    }

    @Override
    public void release() {
      data.release();
    }

    @Override
    public ObjectId dirties() {
      return oid;
    }
  }

  record Remove(ObjectId oid, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.remove(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public boolean unmarks() {
      return true;
    }
  }

  record SetAside(ObjectId oid, Epoch lastValid, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.setAside(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public boolean unmarks() {
      return true;
    }
  }

  record TakeBack(
      ObjectId oid, Epoch lastValid, ObjectAttributes attributes, Ticket<StoreStatus> ticket)
      implements Task {
    @Override
    public void run(Batch batch) {
      batch.takeBack(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public ObjectId dirties() {
      return oid;
    }
  }

  record Purge(ObjectId oid, Epoch lastValid, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.purge(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }
  }

  record MarkClean(ObjectId oid, long version, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.markClean(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public boolean unmarks() {
      return true;
    }
  }

  record LossMadeGood(ObjectId oid, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.lossMadeGood(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }
  }

  /** The part of {@link io.sheepdog.core.spi.ObjectStore#sync} that concerns one stripe. */
  record Sync(VdiId vid, Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.sync(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }
  }

  /** The part of {@link io.sheepdog.core.spi.ObjectStore#wipe} that concerns one stripe. */
  record Wipe(Ticket<StoreStatus> ticket) implements Task {
    @Override
    public void run(Batch batch) {
      batch.wipe(this);
    }

    @Override
    public void fail(StoreStatus status) {
      ticket.answer(status);
    }

    @Override
    public boolean unmarks() {
      return true;
    }
  }
}
