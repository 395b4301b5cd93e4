package io.sheepdog.core.lease;

import static io.sheepdog.core.lease.LeaseWorld.id;
import static io.sheepdog.core.lease.LeaseWorld.incarnation;
import static io.sheepdog.core.lease.LeaseWorld.leaseRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GatewayLeaseTest {
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final long OWN = incarnation(LeaseWorld.SELF);

  private final LeaseWorld world = new LeaseWorld();
  private final GatewayLease lease =
      new GatewayLease(world, world.platform, OWN, (member, header) -> {}, () -> {});
  private final LeaseVotes votes = new LeaseVotes(world, world.process, OWN, LeasePolicy.SAFE);

  @Test
  void itRunsForATermFromWhenAMajorityWasAsked() {
    world.running(1, 1, 2, 3);
    lease.renew();
    assertThat(lease.isValid()).isFalse();
    world.pass(Duration.ofMillis(300));
    world.confirms(3);
    assertThat(lease.isValid()).isTrue();
    world.pass(Leases.HELD.minusMillis(300).minus(MOMENT));
    assertThat(lease.isValid()).isTrue();
    world.pass(MOMENT);
    assertThat(lease.isValid()).isFalse();
  }

  @Test
  void ofFourTwoVotesAreNotEnough() {
    world.running(1, 1, 2, 3, 4);
    lease.renew();
    world.confirms(2);
    assertThat(lease.isValid()).isFalse();
    world.answers(3, ResultCode.AGAIN);
    assertThat(lease.isValid()).isFalse();
    world.confirms(4);
    assertThat(lease.isValid()).isTrue();
  }

  @Test
  void theOldestVoteOfTheNewestMajorityDecides() {
    world.running(1, 1, 2, 3, 4, 5);
    lease.renew();
    world.confirms(2);
    world.pass(Duration.ofMillis(400));
    world.open.removeIf(question -> question.node() != 3);
    lease.renew();
    world.confirms(3);
    world.pass(Leases.HELD.minusMillis(400).minus(MOMENT));
    assertThat(lease.isValid()).isTrue();
    world.pass(MOMENT);
    assertThat(lease.isValid()).isFalse();
  }

  @Test
  void whoIsAloneRenewsItByItself() {
    world.running(1, 1);
    lease.renew();
    assertThat(lease.isValid()).isTrue();
    assertThat(world.open).isEmpty();
  }

  @Test
  void votesOfAnEarlierEpochDoNotCountAndARunningLeaseRunsOn() {
    world.running(1, 1, 2, 3);
    lease.renew();
    world.confirms(2);
    world.pass(Duration.ofSeconds(1));
    lease.renew();
    List<LeaseWorld.Question> early = new ArrayList<>(world.open);
    world.open.clear();
    world.running(2, 1, 2, 3, 4);
    lease.renew();
    assertThat(lease.isValid()).isTrue();
    world.open.clear();
    world.open.addAll(early);
    world.confirms(2, 3);
    world.pass(Duration.ofSeconds(1));
    assertThat(lease.isValid()).isFalse();
  }

  @Test
  void aSilentMemberIsNotAskedWithoutEnd() {
    world.running(1, 1, 2);
    for (int i = 0; i < 100; i++) {
      lease.renew();
      world.pass(Leases.RENEWAL);
    }
    assertThat(world.open).hasSizeLessThan(10);
  }

  @Test
  void onlyAMemberOfTheSameEpochGetsAVote() {
    world.running(3, 1, 2);
    assertThat(vote(leaseRequest(2, 3, OWN))).isEqualTo(ResultCode.SUCCESS);
    assertThat(vote(leaseRequest(2, 2, OWN))).isEqualTo(ResultCode.OLD_NODE_VER);
    assertThat(vote(leaseRequest(2, 4, OWN))).isEqualTo(ResultCode.AGAIN);
    assertThat(vote(leaseRequest(3, 3, OWN))).isEqualTo(ResultCode.AGAIN);
    assertThat(vote(leaseRequest(2, 3, OWN + 1))).isEqualTo(ResultCode.AGAIN);
  }

  private ResultCode vote(Request request) {
    ResultCode code = votes.handle(request, (LeaseBody) request.body()).header().resultCode();
    return code == null ? ResultCode.SYSTEM_ERROR : code;
  }

  @Test
  void theLeaseOfAnEvictedMemberIsWaitedForAndThatOfADeadOneIsNot() {
    world.running(1, 1, 2, 3);
    vote(leaseRequest(2, 1, OWN));
    world.pass(Duration.ofMillis(500));
    vote(leaseRequest(3, 1, OWN));
    assertThat(votes.nanosLeft()).isZero();
    world.running(2, 1);
    votes.ended(id(3));
    assertThat(votes.nanosLeft()).isEqualTo(Leases.TERM.minusMillis(500).toNanos());
    world.pass(Leases.TERM.minusMillis(500));
    assertThat(votes.nanosLeft()).isZero();
  }

  @Test
  void repliesWaitForTheLeaseAndForTheNewestKnownEpochToBeServed() {
    ReplyGate gate = new ReplyGate(world, lease, world.process, LeasePolicy.SAFE);
    List<String> done = new ArrayList<>();
    world.running(2, 1, 2);
    world.serving = new Epoch(1);
    gate.whenOpen(() -> done.add("reply"));
    assertThat(world.asked()).containsExactly(2);
    world.confirms(2);
    gate.look();
    assertThat(done).isEmpty();
    world.serving = new Epoch(2);
    gate.look();
    assertThat(done).containsExactly("reply");
    assertThat(gate.isOpen()).isTrue();
    world.pass(Leases.TERM);
    assertThat(gate.isOpen()).isFalse();
  }

  @Test
  void whatWaitsRunsAfterTheEndOfTheMembershipAndNotWithinIt() {
    ReplyGate gate = new ReplyGate(world, lease, world.process, LeasePolicy.SAFE);
    List<String> done = new ArrayList<>();
    world.running(2, 1, 2);
    gate.whenOpen(() -> done.add("early"));
    world.synced = false;
    gate.end();
    gate.whenOpen(() -> done.add("late"));
    assertThat(done).isEmpty();
    world.pass(MOMENT);
    assertThat(done).containsExactly("early", "late");
    assertThat(gate.isOpen()).isFalse();
  }
}
