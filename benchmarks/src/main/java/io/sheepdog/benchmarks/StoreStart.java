package io.sheepdog.benchmarks;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.daemon.store.FileStore;
import io.sheepdog.daemon.store.StoreOpenException;
import io.sheepdog.daemon.store.StoreOptions;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long a store takes to open, by the number of objects in it; their names are in the kernel's
 * cache. Prints a table.
 */
public final class StoreStart {
  private static final long OBJECT_SIZE = 4 << 20;
  private static final int OBJECTS_PER_VDI = 10_000;
  private static final int AT_A_TIME = 512;
  private static final int RUNS = 5;

  private StoreStart() {}

  /**
   * Makes stores in a directory, and removes them.
   *
   * @param arguments the directory, and numbers of objects
   */
  public static void main(String[] arguments)
      throws IOException, StoreOpenException, ExecutionException, InterruptedException {
    System.out.println("| Objects | Milliseconds to open the store (median of " + RUNS + ") |");
    System.out.println("|---|---|");
    for (int i = 1; i < arguments.length; i++) {
      Path directory = Files.createTempDirectory(Path.of(arguments[0]), "store");
      ExecutorService loop = Executors.newSingleThreadExecutor();
      try {
        int objects = Integer.parseInt(arguments[i]);
        fill(directory.resolve("store"), objects, loop);
        double[] millis = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
          long began = System.nanoTime();
          FileStore store = open(directory.resolve("store"), loop);
          millis[run] = (System.nanoTime() - began) / 1e6;
          store.close();
        }
        Arrays.sort(millis);
        System.out.printf(Locale.ROOT, "| %d | %.0f |%n", objects, millis[RUNS / 2]);
      } finally {
        loop.shutdown();
        loop.awaitTermination(1, TimeUnit.MINUTES);
        remove(directory);
      }
    }
  }

  private static FileStore open(Path directory, ExecutorService loop) throws StoreOpenException {
    return FileStore.open(directory, StoreOptions.defaults().withNosync(true), loop);
  }

  private static void fill(Path directory, int objects, ExecutorService loop)
      throws StoreOpenException, IOException, ExecutionException, InterruptedException {
    Semaphore room = new Semaphore(AT_A_TIME);
    try (FileStore store = open(directory, loop)) {
      for (int i = 0; i < objects; i++) {
        VdiId vid = VdiId.hashOf("image-" + i / OBJECTS_PER_VDI);
        ObjectId oid = ObjectId.data(vid, i % OBJECTS_PER_VDI);
        ObjectAttributes attributes = new ObjectAttributes(OBJECT_SIZE, 1, 0, new Epoch(1));
        room.acquire();
        loop.submit(
                () ->
                    store
                        .objects()
                        .create(oid, attributes, 0, Unpooled.EMPTY_BUFFER)
                        .thenAccept(
                            status -> {
                              room.release();
                              if (status != StoreStatus.OK) {
                                throw new IllegalStateException(oid + ": " + status);
                              }
                            }))
            .get();
      }
      room.acquire(AT_A_TIME);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    }
  }
}
