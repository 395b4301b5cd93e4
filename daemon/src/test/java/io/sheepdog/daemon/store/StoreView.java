package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a store shows that was opened on what a crash left.
 *
 * @param refusal why it did not open, null if it did; the rest is empty then
 * @param objects the current copies
 * @param aside the copies that were set aside, by name
 * @param dirty objects that may differ from their replicas
 * @param files all names below the store
 */
record StoreView(
    StoreOpenException.@Nullable Reason refusal,
    long storeId,
    @Nullable ClusterConfig config,
    List<EpochRecord> epochs,
    RecoveryMark recovery,
    Map<ObjectId, Copy> objects,
    Map<String, Copy> aside,
    List<ObjectId> dirty,
    SortedSet<String> files) {

  /**
   * A copy of an object.
   *
   * @param epoch the mark of the action that made it; 0 for one that was set aside
   * @param sectors the byte that each sector is full of
   */
  record Copy(int epoch, List<Integer> sectors) {}

  /** Puts {@code image} below {@code base} and opens the store in it. */
  static StoreView of(DiskImage image, Path base) throws IOException {
    image.writeTo(base);
    Path directory = base.resolve("store");
    StoreOptions options = new StoreOptions(true, 1, 16, 1024, 1 << 20);
    try (FileStore store =
        FileStore.open(directory, options, new StoreRun.DirectLoop(), Disk.real(true))) {
      return look(store, directory);
    } catch (StoreOpenException e) {
      return new StoreView(
          e.reason(),
          0,
          null,
          List.of(),
          RecoveryMark.NONE,
          Map.of(),
          Map.of(),
          List.of(),
          new TreeSet<>());
    }
  }

  private static StoreView look(FileStore store, Path directory) throws IOException {
    Map<ObjectId, Copy> objects = new TreeMap<>();
    Map<String, Copy> aside = new TreeMap<>();
    ObjectStore held = store.objects();
    for (ObjectId oid : held.objects()) {
      Epoch epoch = get(held.attributes(oid)).attributes().epoch();
      ReadOutcome data = get(held.read(oid, 0, StoreAction.SECTOR * StoreAction.SECTORS));
      objects.put(oid, new Copy(epoch.value(), sectors(data)));
    }
    for (ObjectId oid : List.of(StoreAction.A, StoreAction.B)) {
      for (Epoch epoch : held.epochsSetAside(oid)) {
        ReadOutcome data =
            get(held.readSetAside(oid, epoch, 0, StoreAction.SECTOR * StoreAction.SECTORS));
        aside.put(oid + "." + epoch, new Copy(0, sectors(data)));
      }
    }
    return new StoreView(
        null,
        store.meta().storeId(),
        store.meta().config(),
        store.meta().epochs(),
        store.meta().recovery(),
        objects,
        aside,
        store.objects().dirtyObjects(),
        names(directory));
  }

  private static SortedSet<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      SortedSet<String> names = new TreeSet<>();
      all.filter(Files::isRegularFile)
          .forEach(path -> names.add(directory.relativize(path).toString()));
      return names;
    }
  }

  private static <T> T get(java.util.concurrent.CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** A sector of different bytes is -1, an object that cannot be read has none. */
  private static List<Integer> sectors(ReadOutcome outcome) {
    if (outcome.status() != StoreStatus.OK) {
      return List.of();
    }
    ByteBuf data = outcome.data();
    List<Integer> sectors = new ArrayList<>();
    byte[] sector = new byte[StoreAction.SECTOR];
    byte[] uniform = new byte[StoreAction.SECTOR];
    while (data.isReadable()) {
      data.readBytes(sector);
      Arrays.fill(uniform, sector[0]);
      sectors.add(Arrays.equals(sector, uniform) ? (int) sector[0] : -1);
    }
    data.release();
    return sectors;
  }
}
