package io.sheepdog.core.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.id.VdiId;
import org.junit.jupiter.api.Test;

class WritesInFlightTest {
  private static final VdiId ALICE = new VdiId(1);
  private static final VdiId BOB = new VdiId(2);

  private final WritesInFlight inFlight = new WritesInFlight();

  @Test
  void aSnapshotWaitsForAllWritesOfItsVidAndForNoOthers() {
    inFlight.enter(ALICE, 0);
    inFlight.enter(ALICE, 7);
    inFlight.enter(BOB, 3);
    var drained = inFlight.drained(ALICE).toCompletableFuture();

    inFlight.leave(ALICE, 7);
    assertThat(drained).isNotDone();
    inFlight.leave(ALICE, 0);
    assertThat(drained).isDone();
  }

  @Test
  void theNextHolderOfALockWaitsForWritesUnderEarlierLocksOnly() {
    inFlight.enter(ALICE, 0);
    inFlight.enter(ALICE, 5);
    inFlight.enter(ALICE, 5);
    inFlight.enter(ALICE, 6);
    inFlight.enter(ALICE, 7);
    var drained = inFlight.drainedBefore(ALICE, 7).toCompletableFuture();

    inFlight.leave(ALICE, 6);
    inFlight.leave(ALICE, 5);
    assertThat(drained).isNotDone();
    inFlight.leave(ALICE, 5);
    assertThat(drained).isDone();
    assertThat(inFlight.drainedBefore(ALICE, 7).toCompletableFuture()).isDone();
    assertThat(inFlight.drainedBefore(ALICE, 8).toCompletableFuture()).isNotDone();
  }

  @Test
  void whoWaitsForLessIsNotHeldUpByWhoWaitsForMore() {
    inFlight.enter(ALICE, 1);
    inFlight.enter(ALICE, 2);
    var more = inFlight.drainedBefore(ALICE, 3).toCompletableFuture();
    var less = inFlight.drainedBefore(ALICE, 2).toCompletableFuture();

    inFlight.leave(ALICE, 1);
    assertThat(less).isDone();
    assertThat(more).isNotDone();
    inFlight.leave(ALICE, 2);
    assertThat(more).isDone();
  }
}
