package io.sheepdog.core.lease;

import static io.sheepdog.core.lease.LeaseWorld.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EpochCommitTest {
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration ALMOST_A_TERM = Leases.TERM.minusMillis(60);

  private final LeaseWorld world = new LeaseWorld();
  private final EpochCommit commit =
      new EpochCommit(world, world.platform, LeasePolicy.SAFE, () -> {});

  private void first(int... nodes) {
    world.running(1, nodes);
    commit.applied(Set.of(), false);
    assertThat(commit.isCommitted()).isTrue();
  }

  private void loses(int epoch, int outOfReach, int... nodes) {
    world.running(epoch, nodes);
    assertThat(world.state.members()).doesNotContainKey(id(outOfReach));
    commit.applied(Set.of(), false);
  }

  private void ends(int epoch, int ended, int... nodes) {
    world.running(epoch, nodes);
    commit.applied(Set.of(id(ended)), false);
  }

  @Test
  void whoIsAloneWaitsForNobodyThatIsCertainlyDead() {
    first(1, 2);
    ends(2, 2, 1);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void afterACertainDeathAllOthersAreAskedAndNothingElseIsWaitedFor() {
    first(1, 2, 3, 4);
    ends(2, 4, 1, 2, 3);
    assertThat(world.asked()).containsExactly(2, 3);
    world.confirms(2);
    assertThat(commit.isCommitted()).isFalse();
    world.confirms(3);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void threeThatDieAtOnceLeaveTheFourthToServeAtOnce() {
    first(1, 2, 3, 4);
    world.running(2, 1);
    commit.applied(Set.of(id(2), id(3), id(4)), false);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void afterAnEvictionItIsServedWhenAllThatAreLeftHaveConfirmed() {
    first(1, 2, 3);
    loses(2, 3, 1, 2);
    assertThat(commit.isCommitted()).isFalse();
    world.confirms(2);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void whoHoldsUpAnEpochForLongIsNamedOnce() {
    first(1, 2, 3, 4);
    loses(2, 4, 1, 2, 3);
    world.pass(Duration.ofSeconds(4));
    assertThat(world.warnings).isEmpty();
    world.pass(Duration.ofSeconds(60));
    assertThat(commit.isCommitted()).isFalse();
    assertThat(world.warnings)
        .singleElement()
        .asString()
        .contains("epoch 2 is not served yet", "10.0.0.2:7000", "10.0.0.3:7000")
        .doesNotContain("10.0.0.4:7000");
  }

  @Test
  void nothingIsServedBeforeThisNodeHasLoggedTheEpochAndWaitedForItsVotes() {
    first(1, 2, 3);
    world.settled = false;
    loses(2, 3, 1, 2);
    world.confirms(2);
    world.pass(Duration.ofSeconds(10));
    assertThat(commit.isCommitted()).isFalse();
    world.settled = true;
    commit.look();
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void aSlowMemberHoldsItUpForOneTermFromWhenHalfHaveConfirmed() {
    first(1, 2, 3, 4, 5);
    loses(2, 5, 1, 2, 3, 4);
    world.pass(Duration.ofSeconds(30));
    world.confirms(2, 3);
    world.pass(ALMOST_A_TERM);
    assertThat(commit.isCommitted()).isFalse();
    world.pass(Duration.ofMillis(120));
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void withLessThanHalfOfTheEpochBeforeItIsNeverServed() {
    first(1, 2, 3, 4, 5);
    loses(2, 5, 1, 2, 3, 4);
    world.confirms(2);
    world.pass(Duration.ofMinutes(5));
    assertThat(commit.isCommitted()).isFalse();
  }

  @Test
  void anExactHalfIsEnoughBecauseNoLeaseWasWithoutIt() {
    first(1, 2, 3, 4);
    world.running(2, 1, 2);
    commit.applied(Set.of(), false);
    world.confirms(2);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void whoDiesBesideAnEvictionCountsWhenItHasBeenDeadForATerm() {
    first(1, 2, 3);
    loses(2, 3, 1, 2);
    ends(3, 2, 1);
    world.pass(ALMOST_A_TERM);
    assertThat(commit.isCommitted()).isFalse();
    world.pass(Duration.ofMillis(120));
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void whoIsSeenToHaveEndedLaterIsNotWaitedForAnyLonger() {
    first(1, 2, 3);
    loses(2, 3, 1);
    assertThat(commit.isCommitted()).isFalse();
    commit.ended(id(3));
    assertThat(commit.isCommitted()).isFalse();
    commit.ended(id(2));
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void epochsThatWereNeverServedCountToo() {
    first(1, 2, 3, 4, 5);
    loses(2, 5, 1, 2, 3, 4);
    loses(3, 4, 1, 2, 3);
    loses(4, 3, 1, 2);
    world.confirms(2);
    world.pass(Duration.ofMinutes(5));
    // 3, 4 and 5 may all be in epoch 1 still and give each other leases
    assertThat(commit.isCommitted()).isFalse();
  }

  @Test
  void anEpochCountsNoMoreWhenALeaseTermHasPassedSinceALaterOneWasServed() {
    first(1, 2, 3, 4, 5);
    loses(2, 5, 1, 2, 3, 4);
    world.confirms(2, 3, 4);
    world.pass(Leases.TERM);
    loses(3, 4, 1, 2, 3);
    world.confirms(2, 3);
    world.pass(Leases.TERM);
    loses(4, 3, 1, 2);
    world.confirms(2);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void answersAboutAnEarlierEpochProveNothing() {
    first(1, 2, 3, 4);
    loses(2, 4, 1, 2, 3);
    LeaseWorld.Question early = world.open.get(0);
    world.open.clear();
    ends(3, 3, 1, 2);
    assertThat(world.asked()).containsExactly(2);
    world.open.add(0, early);
    LeaseWorld.Question late = world.open.remove(1);
    world.confirms(2);
    assertThat(commit.isCommitted()).isFalse();
    world.open.add(late);
    world.confirms(2);
    world.pass(Leases.TERM);
    world.pass(Leases.RETRY);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void whoDoesNotConfirmIsAskedAgain() {
    first(1, 2);
    world.running(2, 1, 2, 3);
    commit.applied(Set.of(), false);
    world.answers(2, ResultCode.NETWORK_ERROR);
    assertThat(world.asked()).containsExactly(3);
    world.pass(Leases.RETRY.plus(MOMENT));
    assertThat(world.asked()).containsExactly(2, 3);
  }

  @Test
  void aJoinerServesWhenAnOlderMemberDoes() {
    world.running(7, 1, 2, 3);
    commit.applied(Set.of(), true);
    assertThat(commit.isCommitted()).isFalse();
    assertThat(world.open)
        .allMatch(
            question -> LeaseWorld.confirmation(question).offset() == SequenceBody.WHEN_SERVED);
    world.confirms(3);
    assertThat(commit.isCommitted()).isTrue();
  }

  @Test
  void aJoinerThatIsLeftAloneServesAfterATerm() {
    world.running(7, 1, 2);
    commit.applied(Set.of(), true);
    ends(8, 2, 1);
    world.pass(ALMOST_A_TERM);
    assertThat(commit.isCommitted()).isFalse();
    world.pass(Duration.ofMillis(120));
    assertThat(commit.isCommitted()).isTrue();
  }
}
