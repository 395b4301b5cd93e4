package io.sheepdog.core.lease;

import static io.sheepdog.core.lease.LeaseWorld.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a node complains about another. */
@Timeout(20)
class SilenceWatchTest {
  private final LeaseWorld world = new LeaseWorld();
  private final Leases leases =
      new Leases(world, world.platform, LeaseWorld.incarnation(1), LeasePolicy.SAFE, () -> {});

  @BeforeEach
  void join() {
    world.running(1, 1, 2, 3);
    leases.applied(Map.of(), true);
  }

  private void passAnswering(Duration time, int... nodes) {
    for (long left = time.toMillis(); left > 0; left -= 100) {
      world.pass(Duration.ofMillis(100));
      world.confirms(nodes);
    }
  }

  @Test
  void whoAnswersIsNotComplainedAbout() {
    passAnswering(Duration.ofMinutes(1), 2, 3);
    assertThat(world.complaints).isEmpty();
  }

  @Test
  void whoIsSilentForLongIsComplainedAbout() {
    passAnswering(Leases.SILENCE.minusMillis(600), 2);
    assertThat(world.complaints).isEmpty();
    passAnswering(Duration.ofMillis(1200), 2);
    assertThat(world.complaints).isNotEmpty().containsOnly("3 is silent");
  }

  @Test
  void anAnswerThatRefusesIsAnAnswerAndALostConnectionIsNone() {
    for (int i = 0; i < 100; i++) {
      world.pass(Duration.ofMillis(100));
      world.answers(2, ResultCode.AGAIN);
      world.answers(3, ResultCode.NETWORK_ERROR);
    }
    assertThat(world.complaints).isNotEmpty().containsOnly("3 is silent");
  }

  @Test
  void whoAnswersAgainIsNotComplainedAboutAnyLonger() {
    passAnswering(Duration.ofSeconds(7), 2);
    world.accused(3, 1);
    world.complaints.clear();
    passAnswering(Duration.ofSeconds(2), 2);
    assertThat(world.complaints).isEmpty();
    passAnswering(Duration.ofSeconds(2), 2, 3);
    assertThat(world.complaints).isNotEmpty().containsOnly("3 answers again");
  }

  @Test
  void whoSaysThatItsDiskHangsIsComplainedAboutAtOnce() {
    passAnswering(Duration.ofSeconds(2), 2, 3);
    world.answers(3, ResultCode.EIO);
    world.pass(Duration.ofMillis(600));
    world.answers(3, ResultCode.EIO);
    world.pass(Duration.ofMillis(600));
    assertThat(world.complaints).isNotEmpty().containsOnly("3 is silent");
  }

  @Test
  void aNodeWhoseOwnDiskHangsComplainsAboutNobodyAndWantsNoLease() {
    passAnswering(Duration.ofSeconds(2), 2, 3);
    world.diskHangs = true;
    world.confirms(2, 3);
    world.pass(Duration.ofSeconds(20));
    assertThat(world.complaints).isEmpty();
    assertThat(world.asked()).isEmpty();
  }

  @Test
  void whoIsGoneIsForgotten() {
    passAnswering(Duration.ofSeconds(4), 2);
    world.running(2, 1, 2);
    leases.applied(Map.of(id(3), Departure.LEFT), false);
    passAnswering(Duration.ofSeconds(4), 2);
    world.running(3, 1, 2, 3);
    leases.applied(Map.of(), false);
    passAnswering(Duration.ofSeconds(4), 2);
    assertThat(world.complaints).isEmpty();
  }

  @Test
  void aNodeThatStoodStillComplainsAboutNobody() {
    passAnswering(Duration.ofSeconds(2), 2, 3);
    world.process.pause(Duration.ofMinutes(1).toNanos());
    world.pass(Duration.ofMinutes(1));
    passAnswering(Duration.ofSeconds(2), 2, 3);
    assertThat(world.complaints).isEmpty();
  }
}
