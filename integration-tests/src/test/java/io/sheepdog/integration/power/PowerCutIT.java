package io.sheepdog.integration.power;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.Endpoint;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The power of a {@code sheep} under load is cut at every flush of its disk; what it had promised
 * is there afterwards, to native clients and to one that speaks NBD. {@code -Dpower.cuts} cuts at
 * most (default 150, each second one with a part of what was written after the flush), {@code
 * -Dpower.sheep} of them seen through a real {@code sheep} (default 8), {@code -Dpower.seed}. Needs
 * root, /dev/fuse and loop devices.
 */
@Timeout(900)
final class PowerCutIT {
  private static final int CUTS = Integer.getInteger("power.cuts", 150);
  private static final int THROUGH_SHEEP = Integer.getInteger("power.sheep", 8);
  private static final long SEED = Long.getLong("power.seed", System.nanoTime());
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int CLIENTS = 3;
  private static final int OPERATIONS = 50;
  private static final String NBD = "Nbd";
  private static final int DISK_MEGABYTES = 48;
  private static final Pattern INODE = Pattern.compile("80([0-9a-f]{6})00000000");

  @TempDir private Path directory;
  private final Promises promises = new Promises();
  private final Random random = new Random(SEED);

  @Test
  void whatWasPromisedSurvivesAPowerCutAtEveryFlush() throws Exception {
    System.out.printf("-Dpower.seed=%d%n", SEED);
    Path logged = Files.createDirectory(directory.resolve("logged"));
    CutDisk disk;
    List<WriteLog.Entry> entries;
    try (LoggedDisk recorded = LoggedDisk.make(logged, DISK_MEGABYTES)) {
      disk = CutDisk.of(recorded.base());
      workOn(recorded);
      recorded.unmount();
      entries = WriteLog.read(recorded.log());
    }
    Logger log = (Logger) LoggerFactory.getLogger("io.sheepdog.daemon.store");
    log.setLevel(Level.ERROR);
    try {
      cutAll(disk, entries);
    } finally {
      log.setLevel(null);
    }
  }

  private void workOn(LoggedDisk disk) throws Exception {
    Path store = disk.mounted().resolve("store");
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 2);
    try (Host host = Host.isolated()) {
      Shell shell = new Shell(host, List.of(Repository.bin()));
      shell.run(LIMIT, sheep(store)).orFail();
      shell.run(LIMIT, "collie cluster format --copies=1").orFail();
      promises.formatted(disk.position());
      Endpoint socket = Endpoint.unix(store.resolve("sock"));
      List<Callable<Void>> work = new ArrayList<>();
      for (int number = 0; number < CLIENTS; number++) {
        int client = number;
        VdiId vid = create(shell, disk, store, "Data" + number);
        work.add(
            () -> write(new PowerClient(socket, vid, promises, disk::position, SEED + client)));
      }
      VdiId vid = create(shell, disk, store, NBD);
      promises.foundByIndex(vid);
      work.add(() -> write(new NbdPowerClient(store, NBD, vid, promises, disk::position, SEED)));
      work.add(() -> administer(shell, disk));
      for (Future<Void> done : threads.invokeAll(work, 300, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private String sheep(Path store) {
    return "SHEEPDOG_LOCAL_DIR=%s sheep -c local %s".formatted(directory.resolve("events"), store);
  }

  private static Set<VdiId> vdis(Path store) throws IOException {
    Set<VdiId> vids = new HashSet<>();
    try (var objects = Files.newDirectoryStream(store.resolve("obj"))) {
      for (Path object : objects) {
        Matcher inode = INODE.matcher(object.getFileName().toString());
        if (inode.matches()) {
          vids.add(new VdiId(Integer.parseInt(inode.group(1), 16)));
        }
      }
    }
    return vids;
  }

  private VdiId create(Shell shell, LoggedDisk disk, Path store, String name) throws IOException {
    Set<VdiId> before = vdis(store);
    create(shell, disk, name);
    Set<VdiId> made = vdis(store);
    made.removeAll(before);
    return made.iterator().next();
  }

  private static Void write(NbdPowerClient client) throws IOException {
    try (client) {
      client.work(OPERATIONS);
      return null;
    }
  }

  private static Void write(PowerClient client) throws ClientException {
    try (client) {
      client.work(OPERATIONS);
      return null;
    }
  }

  /** VDIs and snapshots come, and some go, while clients write. */
  private Void administer(Shell shell, LoggedDisk disk) {
    for (int round = 0; round < 2; round++) {
      create(shell, disk, "Kept" + round);
      create(shell, disk, "Gone" + round);
      shell.run(LIMIT, "collie vdi snapshot -s Tag%1$d Kept%1$d".formatted(round)).orFail();
      promises.listed("Tag" + round, disk.position());
      promises.deleting("Gone" + round, disk.position());
      shell.run(LIMIT, "collie vdi delete Gone" + round).orFail();
      promises.deleted("Gone" + round, disk.position());
    }
    return null;
  }

  private void create(Shell shell, LoggedDisk disk, String name) {
    shell.run(LIMIT, "collie vdi create " + name + " 64M").orFail();
    promises.listed(name, disk.position());
  }

  private void cutAll(CutDisk disk, List<WriteLog.Entry> entries) throws IOException {
    List<Integer> barriers = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).barrier()) {
        barriers.add(i);
      }
    }
    assertThat(barriers).as("flushes of the disk").hasSizeGreaterThan(50);
    int limit = Math.min(CUTS, barriers.size());
    int cuts = 0;
    int written = 0;
    for (int number = 0; number < barriers.size(); number++) {
      int barrier = barriers.get(number);
      while (written <= barrier) {
        disk.write(entries.get(written++));
      }
      if (number * limit / barriers.size() >= cuts) {
        boolean sheep = cuts % Math.max(1, limit / Math.max(1, THROUGH_SHEEP)) == 0;
        long position = entries.get(barrier).end();
        String place = "flush %d of %d".formatted(number, barriers.size());
        check(disk, position, sheep, place);
        cuts++;
        if (number + 1 < barriers.size() && number % 2 == 0) {
          List<WriteLog.Entry> unflushed = entries.subList(barrier + 1, barriers.get(number + 1));
          check(disk.withSomeOf(unflushed, random), position, sheep, place + " and some writes");
        }
      }
    }
    System.out.printf("%d flushes, cut at %d of them%n", barriers.size(), cuts);
  }

  private void check(CutDisk disk, long position, boolean sheep, String place) throws IOException {
    Path image = directory.resolve("cut");
    Path mounted = Files.createDirectories(directory.resolve("cut-mounted"));
    disk.writeTo(image);
    LoggedDisk.run("mount", "-o", "loop", image.toString(), mounted.toString());
    try {
      CutStore store = new CutStore(mounted.resolve("store"), promises, position);
      assertThat(store.objection()).as("cut at " + place).isNull();
      if (sheep) {
        Path events = Files.createTempDirectory(directory, "events");
        assertThat(store.objectionThroughSheep(events)).as("cut at " + place).isNull();
      }
    } finally {
      LoggedDisk.run("umount", mounted.toString());
    }
  }
}
