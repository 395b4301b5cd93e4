package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What is in a store before the actions of a crash test begin. */
final class FormattedStore {
  private FormattedStore() {}

  /** Gives a new store a cluster, its first epoch, and object A, which is clean. */
  static void fill(FileStore store) {
    int mark = StoreAction.BASE_MARK;
    done(store.meta().saveEpoch(StoreAction.epochRecord(new Epoch(1), mark)));
    done(store.meta().saveConfig(StoreAction.config(mark), false));
    byte[] bytes = new byte[2 * StoreAction.SECTOR];
    Arrays.fill(bytes, (byte) mark);
    ByteBuf data = Unpooled.wrappedBuffer(bytes);
    done(store.objects().create(StoreAction.A, StoreAction.attributes(mark), 0, data));
    data.release();
    done(StoreAction.markClean(store.objects(), StoreAction.A));
  }

  private static void done(CompletionStage<StoreStatus> stage) {
    StoreStatus status = stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    if (status != StoreStatus.OK) {
      throw new AssertionError(status);
    }
  }
}
