package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.QuickRecovery;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.sim.store.ForwardingStore;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes die, come back and join: in the end every object has all its replicas where they belong,
 * nothing that was set aside is left, and no acknowledged write is lost.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class RecoverySimTest {
  private static final int SCHEDULES = Integer.getInteger("recovery.schedules", 120);
  private static final int MOST_SEEDS = 2_000;

  /** {@code -Drecovery.seed}: play this schedule and no other. */
  private static final @Nullable Long REPLAYED = Long.getLong("recovery.seed");

  /** Where the search for what is found in one of a thousand schedules begins. */
  private static final long RARE = 1700;

  @Test
  void everythingIsRecoveredInTheEnd() {
    RecoverySchedule.Counts totals = new RecoverySchedule.Counts();
    long first = REPLAYED == null ? Long.getLong("recovery.base", 1) : REPLAYED;
    long last = REPLAYED == null ? first + SCHEDULES - 1 : first;
    for (long seed = first; seed <= last; seed++) {
      ScheduleResult result = RecoverySchedule.play(seed, new RecoveryMistake(), totals);
      assertThat(result.problem()).as(() -> Replay.describe(result)).isNull();
    }
    System.out.println("seeds " + first + ".." + last + ": " + totals);
    if (REPLAYED == null) {
      assertThat(totals.deaths).isPositive();
      assertThat(totals.returns).isPositive();
      assertThat(totals.joins).isPositive();
      assertThat(totals.complete).isPositive();
      assertThat(totals.overdrafts).isPositive();
      assertThat(totals.restarts).isPositive();
      assertThat(totals.powerFailures).isPositive();
      assertThat(totals.powerFailuresSomewhere).isPositive();
      assertThat(totals.alterations).isPositive();
      assertThat(totals.brokenDisks).isPositive();
      assertThat(totals.reweighings).isPositive();
      assertThat(totals.vnodesSet).isPositive();
    }
  }

  @Test
  void whatOnlyLivingPageCachesHaveIsMissedIfTheFirstHomeCounts() {
    // it takes a loss of power at the first home, just between a write and its flush
    assertFound(
        RARE,
        new RecoveryMistake() {
          @Override
          protected boolean prefersWhatWasKept() {
            return false;
          }
        });
  }

  @Test
  void copiesThatArePurgedBeforeAllHomesHaveTheirsAreMissed() {
    assertFound(
        new RecoveryMistake() {
          @Override
          protected boolean purgesOnlyWhenComplete() {
            return false;
          }
        });
  }

  @Test
  void completionThatIsAnnouncedBeforeTheDataIsThereIsFound() {
    assertFound(
        new RecoveryMistake() {
          @Override
          protected boolean announcesOnlyWhatIsDurable() {
            return false;
          }
        });
  }

  @Test
  void copyOfAnEarlierEpochThanAnotherNodeHasIsFound() {
    assertFound(
        new RecoveryMistake() {
          @Override
          protected boolean asksEveryLaterEpoch() {
            return false;
          }
        });
  }

  @Test
  void rebuildingFromAnOlderEpochWhileTheNewestCopiesAreAwayIsFound() {
    assertFound(
        new RecoveryMistake() {
          @Override
          protected boolean waitsForNewestCopy() {
            return false;
          }
        });
  }

  @Test
  void checksumsThatAreAlwaysTheSameAreFound() {
    assertFound(
        new Mistake() {
          @Override
          public ObjectStore store(ObjectStore real, SimProcess process) {
            return new ForwardingStore(real) {
              @Override
              public CompletionStage<DigestOutcome> digest(ObjectId oid) {
                return super.digest(oid).thenApply(RecoverySimTest::blind);
              }

              @Override
              public CompletionStage<DigestOutcome> digestSetAside(ObjectId oid, Epoch lastValid) {
                return super.digestSetAside(oid, lastValid).thenApply(RecoverySimTest::blind);
              }
            };
          }
        });
  }

  private static DigestOutcome blind(DigestOutcome real) {
    ObjectDigest digest = real.digest();
    if (digest == null) {
      return real;
    }
    ByteBuf sums = Unpooled.buffer(ObjectDigest.MAX_BYTES);
    digest.writeTo(sums);
    sums.setZero(0, sums.readableBytes());
    return new DigestOutcome(real.status(), ObjectDigest.read(digest.size(), sums), real.version());
  }

  /** A wrong decision about recovery, or none. */
  private static class RecoveryMistake extends QuickRecovery implements Mistake {
    @Override
    public RecoveryPolicy recovery() {
      return this;
    }
  }

  /** Plays seeds until the mistake shows as a broken promise. */
  private static void assertFound(Mistake mistake) {
    assertFound(1, mistake);
  }

  private static void assertFound(long first, Mistake mistake) {
    for (long seed = first; seed <= MOST_SEEDS; seed++) {
      ScheduleResult result = RecoverySchedule.play(seed, mistake, new RecoverySchedule.Counts());
      Throwable problem = result.problem();
      if (problem != null) {
        System.out.println("found at seed " + seed + ": " + problem.getMessage());
        assertThat(problem).isInstanceOf(AssertionError.class);
        return;
      }
    }
    throw new AssertionError("not found in " + MOST_SEEDS + " schedules");
  }
}
