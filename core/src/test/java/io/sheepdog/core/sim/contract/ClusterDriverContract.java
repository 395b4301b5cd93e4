package io.sheepdog.core.sim.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ClusterDriver} does: the rules of a CPG group with agreed order. A test makes
 * several drivers of one group, each of which stands for a process.
 */
@Timeout(120)
public abstract class ClusterDriverContract {
  private final List<String> problems = new CopyOnWriteArrayList<>();

  /** The loop on which the drivers are called and call their listeners. */
  protected abstract ContractLoop loop();

  /**
   * A driver for one more process; all drivers of one test belong to the same, so far empty group.
   */
  protected abstract ClusterDriver newProcess();

  /** Ends a process without a good-bye, as SIGKILL does. */
  protected abstract void kill(ClusterDriver driver);

  /** How the death of a process on a living host is reported. */
  protected Departure departureOfKilledProcess() {
    return Departure.PROCESS_DIED;
  }

  @AfterEach
  void everyCallMadeSense() {
    assertThat(problems).isEmpty();
  }

  @Test
  void firstProcessSeesItselfJoin() {
    Recorder alone = join();
    View view = alone.views.get(0);
    assertThat(view.members).containsExactly(alone.self());
    assertThat(view.joined).containsExactly(alone.self());
    assertThat(view.left).isEmpty();
  }

  @Test
  void ownMessagesComeBackInOrder() {
    Recorder alone = join();
    multicast(alone, "a", 200);
    awaitMessages(alone, 200);
    assertThat(alone.messages()).isEqualTo(expected(alone, "a", 200));
  }

  @Test
  void membersAreListedOldestFirst() {
    List<Recorder> all = List.of(join(), join(), join());
    List<MemberId> order = all.stream().map(Recorder::self).toList();
    assertThat(new HashSet<>(order)).hasSize(3);
    for (Recorder recorder : all) {
      loop().until("three members", () -> recorder.lastView().members.size() == 3);
      assertThat(recorder.lastView().members).isEqualTo(order);
    }
    assertThat(all.get(0).views).hasSize(3);
    assertThat(all.get(0).views.get(1).joined).containsExactly(order.get(1));
    assertThat(all.get(2).views).hasSize(1);
    assertThat(all.get(2).views.get(0).joined).containsExactly(order.get(2));
  }

  @Test
  void processesThatJoinAtOnceAllBecomeMembersInOneOrder() {
    List<Recorder> all = List.of(recorder(), recorder(), recorder(), recorder());
    loop().run(() -> all.forEach(Recorder::start));
    for (Recorder recorder : all) {
      loop()
          .until(
              "four members",
              () -> !recorder.views.isEmpty() && recorder.lastView().members.size() == 4);
    }
    List<MemberId> order = all.get(0).lastView().members;
    assertThat(order)
        .containsExactlyInAnyOrderElementsOf(all.stream().map(Recorder::self).toList());
    for (Recorder recorder : all) {
      assertThat(recorder.lastView().members).isEqualTo(order);
      assertThat(recorder.views.get(0).joined).contains(recorder.self());
    }
  }

  @Test
  void concurrentMessagesOfSeveralMembersHaveOneOrderEverywhere() {
    List<Recorder> all = List.of(join(), join(), join());
    awaitMembers(all, 3);
    loop()
        .run(
            () -> {
              for (int i = 0; i < 100; i++) {
                for (int sender = 0; sender < 3; sender++) {
                  all.get(sender).driver.multicast(bytes(sender + "-" + i));
                }
              }
            });
    all.forEach(recorder -> awaitMessages(recorder, 300));
    List<String> order = all.get(0).messages();
    for (Recorder recorder : all) {
      assertThat(recorder.messages()).isEqualTo(order);
    }
    for (int sender = 0; sender < 3; sender++) {
      String prefix = all.get(sender).self() + ":";
      assertThat(order.stream().filter(message -> message.startsWith(prefix)).toList())
          .isEqualTo(expected(all.get(sender), sender + "-", 100));
    }
  }

  @Test
  void joinerGetsNothingFromBeforeItsJoinAndAllFromAfter() {
    Recorder old = join();
    multicast(old, "before", 20);
    awaitMessages(old, 20);
    Recorder joiner = recorder();
    loop()
        .run(
            () -> {
              joiner.start();
              for (int i = 0; i < 50; i++) {
                old.driver.multicast(bytes("during" + i));
              }
            });
    loop()
        .until("both members", () -> !joiner.views.isEmpty() && old.lastView().members.size() == 2);
    multicast(old, "after", 20);
    awaitMessages(old, 90);
    loop()
        .until(
            "the last message at the joiner",
            () -> joiner.messages().contains(old.self() + ":after19"));
    assertThat(joiner.history).isEqualTo(old.historyFrom(joiner.self()));
    assertThat(joiner.messages()).containsAll(expected(old, "after", 20));
    assertThat(joiner.messages()).doesNotContainAnyElementsOf(expected(old, "before", 20));
  }

  @Test
  void deathIsReportedOnceToAllSurvivors() {
    List<Recorder> all = List.of(join(), join(), join());
    awaitMembers(all, 3);
    MemberId dead = all.get(1).self();
    kill(all.get(1).driver);
    List<Recorder> survivors = List.of(all.get(0), all.get(2));
    awaitMembers(survivors, 2);
    multicast(all.get(0), "later", 5);
    for (Recorder survivor : survivors) {
      loop()
          .until(
              "messages after the death",
              () -> survivor.messages().contains(all.get(0).self() + ":later4"));
      assertThat(survivor.lastView().left).isEqualTo(Map.of(dead, departureOfKilledProcess()));
      assertThat(survivor.lastView().members).containsExactly(all.get(0).self(), all.get(2).self());
      assertThat(survivor.views.stream().filter(view -> view.left.containsKey(dead))).hasSize(1);
    }
  }

  @Test
  void messagesOfADeadMemberReachAllSurvivorsOrNoneAndNeverAfterItsDeath() {
    List<Recorder> all = List.of(join(), join(), join());
    awaitMembers(all, 3);
    Recorder dying = all.get(2);
    loop()
        .run(
            () -> {
              for (int i = 0; i < 100; i++) {
                dying.driver.multicast(bytes("last" + i));
              }
            });
    kill(dying.driver);
    List<Recorder> survivors = all.subList(0, 2);
    awaitMembers(survivors, 2);
    multicast(survivors.get(0), "end", 1);
    for (Recorder survivor : survivors) {
      loop()
          .until("the end", () -> survivor.messages().contains(survivors.get(0).self() + ":end0"));
    }
    List<String> history = survivors.get(0).historyFrom(dying.self());
    assertThat(survivors.get(1).historyFrom(dying.self())).isEqualTo(history);
    int death = history.indexOf(survivors.get(0).lastView().toString());
    assertThat(history.subList(death, history.size()))
        .noneMatch(line -> line.startsWith(dying.self() + ":"));
    List<String> received =
        history.stream().filter(line -> line.startsWith(dying.self() + ":")).toList();
    assertThat(received).isEqualTo(expected(dying, "last", received.size()));
  }

  @Test
  void memberThatLeavesIsReportedAsLeftAndHearsNoMore() {
    List<Recorder> all = List.of(join(), join());
    awaitMembers(all, 2);
    int heard = loop().ask(() -> all.get(0).history.size());
    loop().run(() -> all.get(0).driver.leave());
    awaitMembers(all.subList(1, 2), 1);
    assertThat(all.get(1).lastView().left).isEqualTo(Map.of(all.get(0).self(), Departure.LEFT));
    multicast(all.get(1), "x", 3);
    awaitMessages(all.get(1), 3);
    assertThat(loop().ask(() -> all.get(0).history.size())).isEqualTo(heard);
  }

  @Test
  void messageSentBeforeLeavingIsDelivered() {
    List<Recorder> all = List.of(join(), join());
    awaitMembers(all, 2);
    loop()
        .run(
            () -> {
              all.get(0).driver.multicast(bytes("good-bye"));
              all.get(0).driver.leave();
            });
    awaitMembers(all.subList(1, 2), 1);
    assertThat(all.get(1).messages()).containsExactly(all.get(0).self() + ":good-bye");
  }

  @Test
  void newProcessIsAnotherMemberThanADeadOne() {
    Recorder first = join();
    Recorder second = join();
    kill(second.driver);
    loop().until("the death", () -> first.lastView().members.size() == 1);
    Recorder third = join();
    assertThat(third.self()).isNotIn(first.self(), second.self());
    loop().until("the join", () -> first.lastView().members.size() == 2);
    assertThat(first.lastView().members).containsExactly(first.self(), third.self());
  }

  @Test
  void largestMessageArrivesIntactAndLargerOnesAreRefused() {
    List<Recorder> all = List.of(join(), join());
    awaitMembers(all, 2);
    byte[] large = new byte[ClusterDriver.MAX_MESSAGE];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    loop().run(() -> all.get(0).driver.multicast(large));
    awaitMessages(all.get(1), 1);
    assertThat(all.get(1).payloads.get(0)).isEqualTo(large);
    assertThatThrownBy(
            () ->
                loop()
                    .run(
                        () -> all.get(0).driver.multicast(new byte[ClusterDriver.MAX_MESSAGE + 1])))
        .hasStackTraceContaining(IllegalArgumentException.class.getSimpleName());
    assertThatThrownBy(() -> loop().run(() -> all.get(0).driver.multicast(new byte[0])))
        .hasStackTraceContaining(IllegalArgumentException.class.getSimpleName());
  }

  private Recorder recorder() {
    return new Recorder(newProcess());
  }

  private Recorder join() {
    Recorder recorder = recorder();
    loop().run(recorder::start);
    loop().until("own membership", () -> !recorder.views.isEmpty());
    return recorder;
  }

  private void multicast(Recorder from, String prefix, int count) {
    loop()
        .run(
            () -> {
              for (int i = 0; i < count; i++) {
                from.driver.multicast(bytes(prefix + i));
              }
            });
  }

  private void awaitMessages(Recorder recorder, int count) {
    loop().until(count + " messages", () -> recorder.payloads.size() >= count);
  }

  private void awaitMembers(List<Recorder> all, int count) {
    for (Recorder recorder : all) {
      loop().until(count + " members", () -> recorder.lastView().members.size() == count);
    }
  }

  private static List<String> expected(Recorder sender, String prefix, int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(sender.self() + ":" + prefix + i);
    }
    return lines;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What one listener was told, in order; touched on the loop, read by the test after it saw it
   * settle.
   */
  private final class Recorder implements ClusterDriver.Listener {
    final ClusterDriver driver;
    final List<View> views = new CopyOnWriteArrayList<>();
    final List<byte[]> payloads = new CopyOnWriteArrayList<>();
    final List<String> history = new CopyOnWriteArrayList<>();

    Recorder(ClusterDriver driver) {
      this.driver = driver;
    }

    void start() {
      driver.join(this);
    }

    MemberId self() {
      return driver.self();
    }

    View lastView() {
      return views.get(views.size() - 1);
    }

    List<String> messages() {
      return history.stream().filter(line -> !line.startsWith("view ")).toList();
    }

    /** The history from the membership that brought a member in. */
    List<String> historyFrom(MemberId member) {
      for (View view : views) {
        if (view.joined.contains(member)) {
          return history.subList(history.indexOf(view.toString()), history.size());
        }
      }
      throw new AssertionError("no membership with " + member);
    }

    @Override
    public void membership(
        List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left) {
      View view = new View(List.copyOf(members), List.copyOf(joined), Map.copyOf(left));
      check(left.keySet().stream().noneMatch(members::contains), "member that left in " + view);
      check(members.containsAll(joined), "joined but no member in " + view);
      check(
          !views.isEmpty() || joined.contains(driver.self()),
          "first view without own join: " + view);
      views.add(view);
      history.add(view.toString());
    }

    @Override
    public void delivered(MemberId sender, byte[] message) {
      check(
          !views.isEmpty() && lastView().members.contains(sender), "message of stranger " + sender);
      payloads.add(message);
      history.add(sender + ":" + new String(message, StandardCharsets.UTF_8));
    }

    @Override
    public void failed(String reason) {
      problems.add("driver failed: " + reason);
    }

    private void check(boolean right, String problem) {
      if (!right) {
        problems.add(problem);
      }
    }
  }

  private record View(
      List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left) {
    @Override
    public String toString() {
      return "view " + members + " +" + joined + " -" + left;
    }
  }
}
