package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Something that a store is asked to do. What it writes says which action wrote it: the one at
 * place {@code number} writes the byte {@code number + 2}, also as epoch and time.
 *
 * @param kind what
 * @param object with which object; A where it does not matter
 */
record StoreAction(Kind kind, ObjectId object) {
  enum Kind {
    /** Makes or replaces an object, its first two sectors written, the others zero. */
    CREATE,
    /** The same, but the others are those of the other object, which is copied. */
    COPY,
    /** A durable write of the sectors 1 and 2. */
    WRITE,
    /** The same with the CACHE flag. */
    CACHED,
    REMOVE,
    /** Sets a copy aside, of the epoch {@code number + 2}. */
    SET_ASIDE,
    /** Removes every copy that an earlier action can have set aside. */
    PURGE,
    /** Makes the copy that an earlier action has set aside the current one. */
    TAKE_BACK,
    MARK_CLEAN,
    SYNC,
    WIPE,
    SAVE_EPOCH,
    CLEAR_EPOCHS,
    SAVE_CONFIG,
    /** Says that epoch {@code number + 2} was complete. */
    SAVE_RECOVERY,
    /** An orderly stop. */
    CLOSE
  }

  static final VdiId VID = new VdiId(0x15d167);
  static final ObjectId A = ObjectId.data(VID, 1);
  static final ObjectId B = ObjectId.data(VID, 2);

  static final int SECTOR = 512;
  static final int SECTORS = 4;

  /** The epoch that {@link Kind#SAVE_EPOCH} writes, each time with another time. */
  static final Epoch SAVED_EPOCH = new Epoch(2);

  /** The mark of what is there before the first action. */
  static final int BASE_MARK = 1;

  static StoreAction of(Kind kind) {
    return new StoreAction(kind, A);
  }

  static int mark(int number) {
    return number + 2;
  }

  static EpochRecord epochRecord(Epoch epoch, int mark) {
    NodeEntry node = NodeEntry.of(NodeAddress.parse("127.0.0.1:7000"), 64, -1, 1L << 40);
    return new EpochRecord(epoch, new SheepTime(mark), List.of(new EpochNode(node, 5L)));
  }

  static ClusterConfig config(int mark) {
    return new ClusterConfig(new SheepTime(1L << 32), mark, 0, 22, 0);
  }

  static RecoveryMark recovery(int mark) {
    return new RecoveryMark(new Epoch(mark), false);
  }

  static ObjectAttributes attributes(int mark) {
    return new ObjectAttributes(SECTOR * SECTORS, 2, 0, new Epoch(mark));
  }

  /** Whether it belongs to a stripe's queue and so can share a batch with others. */
  boolean batched() {
    return switch (kind) {
      case SAVE_EPOCH, CLEAR_EPOCHS, SAVE_CONFIG, SAVE_RECOVERY, CLOSE -> false;
      default -> true;
    };
  }

  CompletionStage<StoreStatus> submit(FileStore store, int number) {
    int mark = mark(number);
    return switch (kind) {
      case CREATE ->
          withSectors(mark, data -> store.objects().create(object, attributes(mark), 0, data));
      case COPY -> copy(store.objects(), mark);
      case WRITE -> withSectors(mark, data -> store.objects().write(object, SECTOR, data, true));
      case CACHED -> withSectors(mark, data -> store.objects().write(object, SECTOR, data, false));
      case REMOVE -> store.objects().remove(object);
      case SET_ASIDE -> store.objects().setAside(object, new Epoch(mark));
      case PURGE -> withEarlier(mark, earlier -> store.objects().purge(object, earlier));
      case TAKE_BACK ->
          withEarlier(mark, earlier -> store.objects().takeBack(object, earlier, attributes(mark)));
      case MARK_CLEAN -> markClean(store.objects(), object);
      case SYNC -> store.objects().sync(VID);
      case WIPE -> store.objects().wipe();
      case SAVE_EPOCH -> store.meta().saveEpoch(epochRecord(SAVED_EPOCH, mark));
      case CLEAR_EPOCHS -> store.meta().clearEpochs();
      case SAVE_CONFIG -> store.meta().saveConfig(config(mark), false);
      case SAVE_RECOVERY -> store.meta().saveRecovery(recovery(mark));
      case CLOSE -> close(store);
    };
  }

  private CompletionStage<StoreStatus> copy(ObjectStore store, int mark) {
    return withSectors(
        mark,
        data ->
            store
                .copy(object, attributes(mark), source(), 0, data, false)
                .thenApply(CopyOutcome::status));
  }

  /** What {@link Kind#COPY} copies. */
  ObjectId source() {
    return object.equals(A) ? B : A;
  }

  /** As recovery does once all replicas have the same checksums. */
  static CompletionStage<StoreStatus> markClean(ObjectStore store, ObjectId object) {
    return store
        .digest(object)
        .thenCompose(
            summed ->
                summed.status() == StoreStatus.OK
                    ? store.markClean(object, summed.version())
                    : CompletableFuture.completedFuture(summed.status()));
  }

  /** With every copy that an earlier action can have set aside; OK when there was one. */
  private static CompletionStage<StoreStatus> withEarlier(
      int mark, Function<Epoch, CompletionStage<StoreStatus>> operation) {
    CompletionStage<StoreStatus> all = CompletableFuture.completedFuture(StoreStatus.NO_OBJECT);
    for (int earlier = mark(0); earlier < mark; earlier++) {
      CompletionStage<StoreStatus> one = operation.apply(new Epoch(earlier));
      all = all.thenCombine(one, (a, b) -> a == StoreStatus.NO_OBJECT ? b : a);
    }
    return all;
  }

  private static CompletionStage<StoreStatus> close(FileStore store) {
    try {
      store.close();
      return CompletableFuture.completedFuture(StoreStatus.OK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Submission {
    CompletionStage<StoreStatus> of(ByteBuf data);
  }

  private static CompletionStage<StoreStatus> withSectors(int mark, Submission submission) {
    byte[] bytes = new byte[2 * SECTOR];
    Arrays.fill(bytes, (byte) mark);
    ByteBuf data = Unpooled.wrappedBuffer(bytes);
    try {
      return submission.of(data);
    } finally {
      data.release();
    }
  }

  @Override
  public String toString() {
    boolean named =
        switch (kind) {
          case CREATE, COPY, WRITE, CACHED, REMOVE, SET_ASIDE, PURGE, TAKE_BACK, MARK_CLEAN -> true;
          default -> false;
        };
    return named ? kind + " " + (object.equals(A) ? "A" : "B") : kind.toString();
  }
}
