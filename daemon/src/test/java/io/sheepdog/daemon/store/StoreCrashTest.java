package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The configuration and the epoch log are old or new after a crash, wherever it comes. */
@Timeout(60)
class StoreCrashTest {
  private static final ClusterConfig OLD = new ClusterConfig(new SheepTime(1L << 32), 1, 0, 22, 0);
  private static final ClusterConfig NEW = new ClusterConfig(new SheepTime(2L << 32), 3, 0, 20, 4);
  private static final EpochRecord EPOCH =
      new EpochRecord(
          new Epoch(1),
          new SheepTime(3L << 32),
          List.of(
              new EpochNode(
                  NodeEntry.of(NodeAddress.parse("127.0.0.1:7000"), 64, -1, 1L << 40), -5L),
              new EpochNode(NodeEntry.of(NodeAddress.parse("[fe80::1]:7001"), 0, 7, 0), 6L)));

  @TempDir Path base;

  @Test
  void stepsComeInTheOrderThatSurvivesPowerLoss() {
    RecordingDisk disk = new RecordingDisk();
    try (OpenedStore opened = new OpenedStore(base, StoreOptions.defaults(), disk)) {
      disk.calls.clear();
      save(opened, NEW);
      assertThat(disk.calls)
          .containsExactly(
              "create config.tmp",
              "write config.tmp",
              "sync-all config.tmp",
              "rename config.tmp config",
              "sync-directory " + base.getFileName());
      disk.calls.clear();
      opened.loop.complete(() -> opened.store().meta().saveEpoch(EPOCH));
      assertThat(disk.calls)
          .containsExactly(
              "create 00000001.tmp",
              "write 00000001.tmp",
              "sync-all 00000001.tmp",
              "rename 00000001.tmp 00000001",
              "sync-directory epoch");
    }
  }

  @Test
  void configurationIsOldOrNewAfterACrashAtEveryStep() {
    int olds = 0;
    int news = 0;
    for (int step = 1; step <= 5; step++) {
      RecordingDisk disk = new RecordingDisk();
      try (OpenedStore opened =
          new OpenedStore(base.resolve("crash" + step), StoreOptions.defaults(), disk)) {
        assertThat(save(opened, OLD)).isEqualTo(StoreStatus.OK);
        disk.interceptor = dyingAt(step);
        assertThat(save(opened, NEW)).as("step %d", step).isEqualTo(StoreStatus.IO_ERROR);
        // In memory the failed change never happened.
        assertThat(opened.loop.ask(() -> opened.store().meta().config())).isEqualTo(OLD);
        opened.reopen(Disk.real(false));
        ClusterConfig found = opened.loop.ask(() -> opened.store().meta().config());
        assertThat(found).as("step %d", step).isIn(OLD, NEW);
        olds += OLD.equals(found) ? 1 : 0;
        news += NEW.equals(found) ? 1 : 0;
        assertThat(save(opened, NEW)).isEqualTo(StoreStatus.OK);
      }
    }
    assertThat(List.of(olds, news)).containsExactly(4, 1);
  }

  @Test
  void epochIsThereOrNotAfterACrashAtEveryStep() {
    for (int step = 1; step <= 5; step++) {
      RecordingDisk disk = new RecordingDisk();
      try (OpenedStore opened =
          new OpenedStore(base.resolve("crash" + step), StoreOptions.defaults(), disk)) {
        disk.interceptor = dyingAt(step);
        assertThat(opened.loop.complete(() -> opened.store().meta().saveEpoch(EPOCH)))
            .isEqualTo(StoreStatus.IO_ERROR);
        assertThat(opened.loop.ask(() -> opened.store().meta().epochs())).isEmpty();
        opened.reopen(Disk.real(false));
        List<EpochRecord> found = opened.loop.ask(() -> opened.store().meta().epochs());
        assertThat(found).isEqualTo(step < 5 ? List.of() : List.of(EPOCH));
      }
    }
  }

  /** From the call with this number on nothing reaches the disk, as after a crash. */
  private static RecordingDisk.Interceptor dyingAt(int step) {
    AtomicInteger calls = new AtomicInteger();
    return call -> {
      if (calls.incrementAndGet() >= step) {
        throw new IOException("crashed before: " + call);
      }
    };
  }

  private static StoreStatus save(OpenedStore opened, ClusterConfig config) {
    MetaStore meta = opened.store().meta();
    return opened.loop.complete(() -> meta.saveConfig(config, false));
  }
}
