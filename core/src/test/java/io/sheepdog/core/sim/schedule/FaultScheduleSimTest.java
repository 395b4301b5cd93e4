package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand seeded schedules; see this package's documentation for replay. */
@Timeout(value = 4, unit = TimeUnit.HOURS) // a hundred thousand
class FaultScheduleSimTest {
  private static final int SCHEDULES = Integer.getInteger("sim.schedules", 10_000);
  private static final int THREADS = 2;

  /** {@code -Dsim.seed}: play this schedule and no other. */
  private static final @Nullable Long REPLAYED = Long.getLong("sim.seed");

  @Test
  void allPromisesHoldInTenThousandSchedules() throws InterruptedException, ExecutionException {
    if (REPLAYED != null) {
      ScheduleResult result = Schedule.play(REPLAYED, Mistake.NONE);
      assertThat(result.problem()).as(() -> Replay.describe(result)).isNull();
      return;
    }
    long base = Long.getLong("sim.base", 1);
    System.out.println(
        "base seed " + base + " (-Dsim.base=" + base + "), " + SCHEDULES + " schedules");
    AtomicLong next = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Totals>> parts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        parts.add(pool.submit(() -> playMany(base, next)));
      }
      Totals totals = new Totals();
      for (Future<Totals> part : parts) {
        totals.add(part.get());
      }
      System.out.println(totals);
      assertThat(totals.failures).isEmpty();
      for (Fault fault : Fault.values()) {
        assertThat(totals.faults.of(fault)).as("how often %s happened", fault).isPositive();
      }
      assertThat(totals.writes).isGreaterThan(SCHEDULES);
    } finally {
      pool.shutdownNow();
    }
  }

  private static Totals playMany(long base, AtomicLong next) {
    Totals totals = new Totals();
    for (long n = next.getAndIncrement(); n < SCHEDULES; n = next.getAndIncrement()) {
      ScheduleResult result = Schedule.play(base + n, Mistake.NONE);
      totals.faults.add(result.faults());
      totals.events += result.events();
      totals.writes += result.acknowledgedWrites();
      if (result.problem() != null) {
        next.set(SCHEDULES);
        totals.failures.add(Replay.describe(result));
      }
    }
    return totals;
  }

  @Test
  void oneSeedAlwaysGivesTheSameRun() {
    for (long seed = 1; seed <= 5; seed++) {
      ScheduleResult first = Schedule.play(seed, Mistake.NONE, true);
      ScheduleResult second = Schedule.play(seed, Mistake.NONE, true);
      assertThat(second.trace()).isEqualTo(first.trace());
      assertThat(second.events()).isEqualTo(first.events());
    }
  }

  private static final class Totals {
    final FaultCounts faults = new FaultCounts();
    final List<String> failures = new ArrayList<>();
    long events;
    long writes;

    void add(Totals other) {
      faults.add(other.faults);
      failures.addAll(other.failures);
      events += other.events;
      writes += other.writes;
    }

    @Override
    public String toString() {
      return events + " events, " + writes + " acknowledged writes, faults " + faults;
    }
  }
}
