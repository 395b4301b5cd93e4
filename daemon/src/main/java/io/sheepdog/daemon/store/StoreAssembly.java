package io.sheepdog.daemon.store;

import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.daemon.store.CheckedText.FormatException;
import io.sheepdog.daemon.store.StoreOpenException.Reason;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Reads what a prepared directory holds and puts an open store together. */
final class StoreAssembly {
  private static final int MAX_BACKGROUND_TASKS = 1024;

  private final StoreLayout layout;
  private final StoreOptions options;
  private final Executor coreLoop;
  private final DiskPulse pulse = new DiskPulse(System::nanoTime);
  private final Disk disk;
  private final StoreLock lock;

  StoreAssembly(
      StoreLayout layout, StoreOptions options, Executor coreLoop, Disk disk, StoreLock lock) {
    this.layout = layout;
    this.options = options;
    this.coreLoop = coreLoop;
    this.disk = new WatchedDisk(disk, pulse);
    this.lock = lock;
  }

  FileStore assemble() throws IOException, StoreOpenException {
    StoreConfigFile.Content content = config();
    List<EpochRecord> epochs = epochs();
    ObjectIndex index = scan();
    if (content.cluster() != null && epochs.isEmpty() && !index.isEmpty()) {
      throw noEpochs();
    }
    java.nio.file.FileStore fileSystem = Files.getFileStore(layout.objects());
    Ballast ballast = Ballast.open(fileSystem, layout.ballast());
    DirtyLog dirtyLog =
        DirtyLog.open(disk, ballast, layout.dirtyLog(), index.all(), index::holds, Boot.id());
    SpaceGuard guard =
        new SpaceGuard(() -> SpaceGuard.Reading.of(fileSystem), System::nanoTime, ballast::refill);
    ExecutorService background = background();
    DiskHealth health = new DiskHealth(coreLoop);
    Stripes stripes = new Stripes(options, disk, layout, dirtyLog, guard, pulse, health);
    Backlog backlog = new Backlog(options.queueOperations(), options.queueBytes());
    Executor watched = task -> background.execute(() -> runWatched(task));
    SpaceGauge space = new SpaceGauge(fileSystem, index, watched, coreLoop);
    FileObjectStore objects =
        new FileObjectStore(coreLoop, index, backlog, stripes, space, pulse, dirtyLog, health);
    FileMetaStore meta =
        new FileMetaStore(disk, layout, ballast, content, epochs, watched, coreLoop, health);
    StoreEvent.STORE_OPENED.log(
        "path={} store={} objects={} dirty={} epochs={} nosync={}",
        layout.root(),
        String.format("%016x", content.storeId()),
        index.all().size(),
        dirtyLog.objects().size(),
        epochs.size(),
        options.nosync());
    return new FileStore.Parts(
            layout, lock, ballast, dirtyLog, stripes, background, backlog, objects, meta)
        .start();
  }

  private void runWatched(Runnable task) {
    pulse.beat();
    try {
      task.run();
    } finally {
      pulse.rest();
    }
  }

  /**
   * A cluster's store always has an epoch log, but for a moment during a format: then it holds no
   * object either.
   */
  private StoreOpenException noEpochs() {
    return new StoreOpenException(
        Reason.DAMAGED,
        layout.epochs()
            + " is empty, although the store holds objects of a cluster; restore the epoch logs"
            + " from a backup, or give sheep an empty directory and let the cluster recover"
            + " this node's objects");
  }

  private static ExecutorService background() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(MAX_BACKGROUND_TASKS),
        task -> {
          Thread thread = new Thread(task, "store-meta");
          thread.setDaemon(true);
          return thread;
        });
  }

  private StoreConfigFile.Content config() throws IOException, StoreOpenException {
    if (Files.exists(layout.config())) {
      try {
        return StoreConfigFile.read(layout.config());
      } catch (FormatException e) {
        throw unreadable(layout.config(), e);
      }
    }
    long space = Files.getFileStore(layout.objects()).getUsableSpace();
    StoreConfigFile.Content fresh =
        new StoreConfigFile.Content(newStoreId(), space, null, false, RecoveryMark.NONE);
    StoreConfigFile.write(disk, layout.config(), fresh);
    StoreEvent.STORE_CREATED.log(
        "path={} store={} space={}", layout.root(), String.format("%016x", fresh.storeId()), space);
    return fresh;
  }

  private static long newStoreId() {
    SecureRandom random = new SecureRandom();
    long id = 0;
    while (id == 0) {
      id = random.nextLong();
    }
    return id;
  }

  private StoreOpenException unreadable(Path file, FormatException e) {
    return e.newer()
        ? new StoreOpenException(
            Reason.NEWER_FORMAT,
            file + " was written by a newer version of sheep: " + e.getMessage() + "; upgrade",
            e)
        : new StoreOpenException(
            Reason.DAMAGED,
            file
                + " is damaged: "
                + e.getMessage()
                + "; restore it from a backup, or give sheep an empty directory and let the"
                + " cluster recover this node's objects",
            e);
  }

  private List<EpochRecord> epochs() throws IOException, StoreOpenException {
    List<EpochRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.epochs())) {
      for (Path file : files) {
        Optional<Epoch> epoch = StoreLayout.parseEpoch(file.getFileName().toString());
        if (epoch.isEmpty()) {
          StoreEvent.FOREIGN_FILE.log("file={}", file);
        } else {
          records.add(epoch(file, epoch.get()));
        }
      }
    }
    return records;
  }

  private EpochRecord epoch(Path file, Epoch expected) throws IOException, StoreOpenException {
    try {
      EpochRecord epoch = EpochFile.read(file);
      if (!epoch.epoch().equals(expected)) {
        throw new FormatException("it is the log of epoch " + epoch.epoch());
      }
      return epoch;
    } catch (FormatException e) {
      throw unreadable(file, e);
    }
  }

  private ObjectIndex scan() throws IOException {
    ObjectIndex index = new ObjectIndex();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.objects())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        Optional<ObjectId> oid = StoreLayout.parseObject(name);
        if (oid.isPresent()) {
          index.add(oid.get(), Files.size(file));
        }
        if (oid.isEmpty() && !name.equals(StoreLayout.STALE)) {
          StoreEvent.FOREIGN_FILE.log("file={}", file);
        }
      }
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.stale())) {
      for (Path file : files) {
        Optional<StoreLayout.Aside> aside = StoreLayout.parseAside(file.getFileName().toString());
        if (aside.isPresent()) {
          index.addAside(aside.get().oid(), aside.get().epoch(), Files.size(file));
        } else {
          StoreEvent.FOREIGN_FILE.log("file={}", file);
        }
      }
    }
    return index;
  }
}
