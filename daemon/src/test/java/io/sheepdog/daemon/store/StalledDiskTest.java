package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store tells for how long its disk has not gone on. */
@Timeout(60)
class StalledDiskTest {
  private static final ObjectId OID = ObjectId.data(new VdiId(0x15d167), 3);
  private static final ObjectAttributes ATTRIBUTES =
      new ObjectAttributes(1 << 20, 2, 0, new Epoch(1));
  private static final long STALL = Duration.ofMillis(300).toNanos();

  @TempDir Path base;
  private final RecordingDisk disk = new RecordingDisk();
  private final CountDownLatch released = new CountDownLatch(1);
  private OpenedStore opened;

  @BeforeEach
  void open() {
    opened = new OpenedStore(base.resolve("store"), StoreOptions.defaults(), disk);
  }

  @AfterEach
  void close() {
    released.countDown();
    opened.close();
  }

  private void hangAt(String what) {
    disk.interceptor =
        call -> {
          if (call.startsWith(what)) {
            try {
              released.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
  }

  private CompletionStage<StoreStatus> create() {
    return opened
        .store()
        .objects()
        .create(OID, ATTRIBUTES, 0, Unpooled.wrappedBuffer(new byte[512]));
  }

  private long stalled() {
    return opened.store().objects().nanosStalled();
  }

  @Test
  void anIdleDiskIsNotStalled() {
    assertThat(opened.loop.complete(this::create)).isEqualTo(StoreStatus.OK);
    await().until(() -> stalled() == 0);
  }

  @Test
  void aSyncThatDoesNotEndIsSeenAndItsEnd() {
    hangAt("sync-all");
    opened.loop.run(this::create);
    await().until(() -> stalled() > STALL);
    released.countDown();
    await().until(() -> stalled() == 0);
  }

  @Test
  void theEpochLogCountsToo() {
    hangAt("sync-all");
    opened.loop.run(
        () ->
            opened
                .store()
                .meta()
                .saveEpoch(new EpochRecord(new Epoch(1), SheepTime.NONE, List.of())));
    await().until(() -> stalled() > STALL);
  }

  @Test
  void aDiskThatIsSlowButGoesOnIsNotStalled() {
    DiskPulse pulse = new DiskPulse(new StepClock());
    pulse.beat();
    for (int i = 0; i < 100; i++) {
      pulse.during(() -> true);
    }
    assertThat(pulse.nanosStalled()).isLessThan(3 * StepClock.STEP);
  }

  /** Each look at it takes a second. */
  private static final class StepClock implements LongSupplier {
    static final long STEP = 1_000_000_000;
    private long now;

    @Override
    public long getAsLong() {
      now += STEP;
      return now;
    }
  }
}
