package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.group.FakeCorosync;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that come, go, die, are divided and put together again in an order that a seed decides:
 * in the end all are members, and each has the history that every older one has from its entry on.
 */
@Timeout(120)
class GroupHistoryPropertyTest {
  private static final int NODES = 5;
  private static final int SEEDS = 500;
  private static final int EVENTS = 60;
  private static final int STEPS_UNTIL_QUIET = 20_000;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allHaveOneHistoryInTheEnd(boolean quorum) {
    int members = 0;
    int divided = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Play play = new Play(seed, quorum);
      play.run();
      members += play.settled();
      divided += play.failures;
    }
    // Else the test would show nothing.
    assertThat(members).isGreaterThan(SEEDS * 2);
    assertThat(divided).isGreaterThan(SEEDS / 2);
  }

  /** One seed. */
  private static final class Play {
    final long seed;
    final Random random;
    final FakeCorosync corosync;
    final Map<Integer, HistoryMember> running = new HashMap<>();
    int processes = 1000;
    int messages;
    int failures;

    Play(long seed, boolean quorum) {
      this.seed = seed;
      this.random = new Random(seed);
      this.corosync = new FakeCorosync(random, NODES, quorum);
    }

    void run() {
      for (int i = 0; i < EVENTS; i++) {
        event();
        for (int steps = random.nextInt(12); steps > 0 && corosync.step(); steps--) {
          restartFailed();
        }
      }
      corosync.heal();
      for (int node = 1; node <= NODES; node++) {
        start(node);
      }
      int steps = 0;
      while (corosync.step() || restartFailed()) {
        restartFailed();
        assertThat(++steps).as("steps of seed " + seed).isLessThan(STEPS_UNTIL_QUIET);
      }
    }

    private void event() {
      int node = 1 + random.nextInt(NODES);
      HistoryMember member = running.get(node);
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> start(node);
        case 3 -> {
          if (member != null) {
            member.driver.kill();
            running.remove(node);
          }
        }
        case 4 -> {
          if (member != null) {
            member.driver.leave();
            running.remove(node);
          }
        }
        case 5 -> {
          Set<Integer> side = new HashSet<>();
          for (int other = 1; other <= NODES; other++) {
            if (random.nextBoolean()) {
              side.add(other);
            }
          }
          corosync.cut(side);
        }
        case 6 -> corosync.heal();
        default -> {
          if (member != null) {
            member.send("m" + messages++);
          }
        }
      }
    }

    private void start(int node) {
      running.computeIfAbsent(node, number -> new HistoryMember(corosync, number, processes++));
    }

    /** A member that failed starts again, as a new process. */
    private boolean restartFailed() {
      boolean restarted = false;
      for (HistoryMember member : List.copyOf(running.values())) {
        if (member.failed()) {
          failures++;
          running.remove(member.node);
          start(member.node);
          restarted = true;
        }
      }
      return restarted;
    }

    /** Compares; returns the number of members. */
    int settled() {
      List<HistoryMember> members = new ArrayList<>(running.values());
      for (HistoryMember member : members) {
        assertThat(member.history).as("history of " + member.node + ", seed " + seed).isNotEmpty();
        assertThat(member.lastMembers())
            .as("members at " + member.node + ", seed " + seed)
            .isEqualTo(members.get(0).lastMembers())
            .hasSize(NODES);
        for (HistoryMember other : members) {
          int entry = other.history.lastIndexOf(member.history.get(0));
          if (other.isOlderThan(member)) {
            assertThat(entry)
                .as("entry of " + member.node + " at " + other.node + ", seed " + seed)
                .isNotNegative();
            assertThat(other.history.subList(entry, other.history.size()))
                .as("history of " + other.node + " and " + member.node + ", seed " + seed)
                .isEqualTo(member.history);
          }
        }
      }
      return members.size();
    }
  }
}
