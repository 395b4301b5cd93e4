package io.sheepdog.core.lease;

import static io.sheepdog.core.lease.LeaseWorld.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a new epoch waits for those who are said to have died. */
@Timeout(20)
class DeathWitnessTest {
  private final LeaseWorld world = new LeaseWorld();
  private final Leases leases =
      new Leases(world, world.platform, LeaseWorld.incarnation(1), LeasePolicy.SAFE, () -> {});

  private void first(int... nodes) {
    world.running(1, nodes);
    leases.applied(Map.of(), false);
  }

  private void change(int epoch, Departure how, int left, int... nodes) {
    world.running(epoch, nodes);
    leases.applied(Map.of(id(left), how), false);
  }

  private void find(boolean ended) {
    CompletableFuture<Boolean> look = world.looking;
    world.looking = new CompletableFuture<>();
    look.complete(ended);
  }

  @Test
  void whoIsSaidToHaveDiedIsLookedForBeforeTheEpochIsServed() {
    first(1, 2, 3);
    world.answers(2, ResultCode.SUCCESS);
    change(2, Departure.PROCESS_DIED, 3, 1, 2);
    assertThat(world.looks).containsExactly(LeaseWorld.address(3));
    assertThat(leases.isCommitted()).isFalse();
    find(true);
    assertThat(leases.isCommitted()).isFalse();
    world.confirms(2);
    assertThat(leases.isCommitted()).isTrue();
  }

  @Test
  void whoMayBeRunningIsLookedForAgain() {
    first(1, 2);
    world.settled = false;
    change(2, Departure.PROCESS_DIED, 2, 1);
    find(false);
    world.pass(Leases.RETRY.plusMillis(1));
    assertThat(world.looks).hasSize(2);
    world.settled = true;
    find(true);
    assertThat(leases.isCommitted()).isTrue();
    world.pass(Duration.ofMinutes(1));
    assertThat(world.looks).hasSize(2);
  }

  @Test
  void itsLeaseIsWaitedForUntilItIsSeenToHaveEnded() {
    first(1, 2);
    vote(2);
    change(2, Departure.PROCESS_DIED, 2, 1);
    assertThat(leases.isWaitedOut()).isFalse();
    find(true);
    assertThat(leases.isWaitedOut()).isTrue();
  }

  @Test
  void whoCannotBeSeenIsWaitedForAsLongAsItsLeaseRuns() {
    first(1, 2);
    vote(2);
    change(2, Departure.PROCESS_DIED, 2, 1);
    world.pass(Leases.TERM.minusMillis(60));
    assertThat(leases.isWaitedOut()).isFalse();
    world.pass(Duration.ofMillis(120));
    assertThat(leases.isWaitedOut()).isTrue();
  }

  @Test
  void whoLeftInOrderIsNotLookedFor() {
    first(1, 2);
    vote(2);
    change(2, Departure.LEFT, 2, 1);
    assertThat(world.looks).isEmpty();
    assertThat(leases.isCommitted() && leases.isWaitedOut()).isTrue();
  }

  private void vote(int asker) {
    Request request = LeaseWorld.leaseRequest(asker, 1, LeaseWorld.incarnation(1));
    Reply reply = leases.handle(request, (LeaseBody) request.body());
    assertThat(reply.header().isSuccess()).isTrue();
    reply.release();
  }
}
