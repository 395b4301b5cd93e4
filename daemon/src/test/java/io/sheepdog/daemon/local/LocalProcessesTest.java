package io.sheepdog.daemon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that are killed and stopped. */
@Timeout(180)
class LocalProcessesTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final long SEED = 20260522;
  private static final int FILE_BYTES = 20_000;

  @TempDir Path base;
  private final List<MemberProcessHandle> all = new ArrayList<>();

  @AfterEach
  void nothingRunsOn() throws InterruptedException {
    for (MemberProcessHandle member : all) {
      if (member.alive()) {
        member.kill();
      }
    }
  }

  @Test
  void survivorsOfRandomKillsSawTheSameSequence() throws Exception {
    Random random = new Random(SEED);
    MemberProcessHandle witness = start();
    List<MemberProcessHandle> victims = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      victims.add(start());
    }
    int killed = 0;
    for (int round = 0; round < 6; round++) {
      long before = witness.messages();
      for (MemberProcessHandle victim : victims) {
        victim.tell("send 300");
      }
      witness.tell("send 100");
      // Killed in the middle of the sending, after a seeded number of messages.
      int until = 20 + random.nextInt(600);
      awaitThat(() -> witness.messages() >= before + until);
      MemberProcessHandle victim = victims.remove(random.nextInt(victims.size()));
      victim.kill();
      killed++;
      awaitThat(() -> witness.saw("left {" + victim.self() + "=PROCESS_DIED}"));
      victims.add(start());
    }
    for (MemberProcessHandle survivor : victims) {
      awaitThat(() -> witness.messagesOf(survivor) == survivor.sent());
    }
    witness.tell("send 1");
    for (MemberProcessHandle survivor : victims) {
      awaitThat(
          () -> survivor.lines.contains("message " + witness.self() + " m" + (witness.sent() - 1)));
    }
    assertThat(killed).as("seed %d", SEED).isEqualTo(6);
    List<String> history = List.copyOf(witness.history());
    for (MemberProcessHandle member : all) {
      assertPartOf(history, member);
    }
    for (MemberProcessHandle survivor : victims) {
      survivor.leave();
    }
    witness.leave();
  }

  @Test
  void stoppedProcessLagsAndCatchesUp() throws Exception {
    MemberProcessHandle first = start();
    MemberProcessHandle stopped = start();
    awaitThat(() -> first.saw("joined [" + stopped.self()));
    stopped.signal("STOP");
    first.tell("send 3000");
    awaitThat(() -> first.messages() == 3000);
    assertThat(first.saw("left {" + stopped.self())).isFalse();
    stopped.signal("CONT");
    awaitThat(() -> stopped.messages() == 3000);
    assertPartOf(List.copyOf(first.history()), stopped);
    stopped.leave();
    first.leave();
  }

  @Test
  void deathIsNoticedWithinATenthOfASecondOrTwo() throws Exception {
    MemberProcessHandle survivor = start();
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      MemberProcessHandle victim = start();
      awaitThat(() -> survivor.saw("joined [" + victim.self()));
      long start = System.nanoTime();
      victim.kill();
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .atMost(LONG)
          .until(() -> survivor.saw("left {" + victim.self()));
      delays.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
    Collections.sort(delays);
    // The median: one of them may fall into a pause of the machine.
    assertThat(delays.get(2))
        .as("milliseconds until the death was seen: %s", delays)
        .isLessThan(400);
    survivor.leave();
  }

  @Test
  void groupStartsAfreshWhenNobodyIsAlive() throws Exception {
    MemberProcessHandle first = start();
    MemberProcessHandle second = start();
    second.tell("send 5");
    awaitThat(() -> first.messages() == 5);
    first.kill();
    second.kill();
    MemberProcessHandle third = start();
    assertThat(third.history().get(0))
        .isEqualTo("view [" + third.self() + "] joined [" + third.self() + "] left {}");
    try (var files = java.nio.file.Files.list(base.resolve("group"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("lock", "events.2", "member." + padded(third.self()));
    }
    third.leave();
  }

  private static String padded(String id) {
    return "0".repeat(16 - id.length()) + id;
  }

  /** What a member saw is a piece of the history, from its own join on, without a gap. */
  private static void assertPartOf(List<String> history, MemberProcessHandle member) {
    List<String> part = List.copyOf(member.history());
    assertThat(part).isNotEmpty();
    int from = history.indexOf(part.get(0));
    assertThat(from).as("the join of %s", member.self()).isNotNegative();
    assertThat(part).isEqualTo(history.subList(from, Math.min(history.size(), from + part.size())));
  }

  private MemberProcessHandle start() throws IOException {
    MemberProcessHandle member = new MemberProcessHandle(base.resolve("group"), FILE_BYTES);
    all.add(member);
    awaitThat(member::joined);
    return member;
  }

  private static void awaitThat(java.util.concurrent.Callable<Boolean> condition) {
    await().pollInterval(Duration.ofMillis(5)).atMost(LONG).until(condition);
  }
}
