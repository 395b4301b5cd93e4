package io.sheepdog.daemon.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How bytes are shared out among connections. */
@Timeout(30)
final class ByteBudgetTest {
  private static final long MIB = 1 << 20;
  private static final long LIMIT = 128 * MIB;
  private static final long LARGEST = 32 * MIB;

  private final ByteBudget budget = new ByteBudget(LIMIT);

  /** A connection: asks for one request at a time, as many as it likes. */
  private final class Client implements ByteBudget.Waiter {
    private final ArrayDeque<Long> got = new ArrayDeque<>();
    private final String name;
    private long wants;
    private boolean waits;

    Client(String name) {
      this.name = name;
    }

    Client ask(long bytes) {
      wants = bytes;
      waits = true;
      if (budget.acquire(this)) {
        admitted();
      }
      return this;
    }

    void giveBack() {
      budget.release(got.remove());
    }

    @Override
    public Object client() {
      return name;
    }

    @Override
    public long wanted() {
      return wants;
    }

    @Override
    public long held() {
      return got.stream().mapToLong(bytes -> bytes).sum();
    }

    @Override
    public void admitted() {
      got.add(wants);
      waits = false;
    }
  }

  private Client ask(long bytes) {
    return new Client("10.0.0.1").ask(bytes);
  }

  @Test
  void anythingIsLetInWhenNothingIsUnderWay() {
    assertThat(ask(2 * LIMIT).waits).isFalse();
    assertThat(budget.used()).isEqualTo(2 * LIMIT);
  }

  @Test
  void manyThatTakeTheLargestRequestsAndKeepThemLeaveRoomForOthers() {
    for (int i = 0; i < 5; i++) {
      ask(LARGEST);
    }
    Client modest = ask(4 * MIB);
    assertThat(modest.waits).as("it overtakes those who want more than is left").isFalse();
    modest.ask(4 * MIB);
    assertThat(modest.waits).isFalse();
  }

  @Test
  void oneConnectionMayHaveTwoThirdsAndNoMore() {
    Client greedy = ask(LARGEST);
    greedy.ask(LARGEST);
    assertThat(greedy.waits).isFalse();
    greedy.ask(LARGEST);
    assertThat(greedy.waits).isTrue();
    assertThat(ask(LARGEST).waits).isFalse();
    greedy.giveBack();
    assertThat(greedy.waits).as("it has given back what it had too much").isFalse();
  }

  @Test
  void aConnectionThatHasNothingGetsALittleWhenNothingIsLeft() {
    ask(LIMIT);
    Client small = ask(ByteBudget.OWN);
    assertThat(small.waits).isFalse();
    small.ask(1);
    assertThat(small.waits).isTrue();
    assertThat(ask(ByteBudget.OWN + 1).waits).isTrue();
  }

  @Test
  void whoWaitsIsLetInInTheOrderOfComingAsFarAsThereIsRoom() {
    Client first = ask(LIMIT);
    Client large = ask(100 * MIB);
    Client medium = ask(60 * MIB);
    Client other = ask(60 * MIB);
    first.giveBack();
    assertThat(large.waits).isFalse();
    assertThat(medium.waits).isTrue();
    large.giveBack();
    assertThat(medium.waits).isFalse();
    assertThat(other.waits).as("8 MiB left would be too little for the others").isTrue();
    budget.cancel(other);
    medium.giveBack();
    assertThat(other.waits).isTrue();
    assertThat(budget.used()).isZero();
  }

  @Test
  void clientsTakeTurnsHoweverManyConnectionsTheyHave() {
    Client first = ask(LIMIT);
    List<Client> many = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      many.add(ask(100 * MIB));
    }
    Client other = new Client("10.0.0.2").ask(100 * MIB);
    first.giveBack();
    assertThat(many).filteredOn(c -> !c.waits).hasSize(1);
    many.get(0).giveBack();
    assertThat(other.waits).isFalse();
    other.giveBack();
    assertThat(many).filteredOn(c -> !c.waits).hasSize(2);
  }

  @Test
  void turnsAreTakenBeyondTheLimitAsWell() {
    ask(60 * MIB);
    Client one = ask(60 * MIB);
    Client two = ask(60 * MIB);
    Client other = new Client("10.0.0.2").ask(60 * MIB);
    for (int i = 0; i < ByteBudget.PATIENT_LOOKS; i++) {
      budget.look();
    }
    assertThat(one.waits).isFalse();
    budget.look();
    assertThat(other.waits).isFalse();
    assertThat(two.waits).isTrue();
  }

  @Test
  void whoWasOvertakenForLongIsLetInBeyondTheLimitOneAtATime() {
    List<Client> holders = List.of(ask(32 * MIB), ask(32 * MIB), ask(32 * MIB));
    Client one = ask(LARGEST + 1);
    Client two = ask(LARGEST + 1);
    assertThat(budget.isShort()).as("not before it was looked at").isFalse();
    for (int i = 1; i < ByteBudget.PATIENT_LOOKS; i++) {
      budget.look();
      assertThat(budget.isShort()).isTrue();
      assertThat(one.waits).isTrue();
    }
    budget.look();
    assertThat(one.waits).isFalse();
    assertThat(budget.used()).isEqualTo(LIMIT + 1);
    for (int i = 0; i < 10; i++) {
      budget.look();
    }
    assertThat(two.waits).as("the limit is passed already").isTrue();
    holders.get(0).giveBack();
    budget.look();
    assertThat(two.waits).isFalse();
    assertThat(budget.isShort()).as("nobody waits, but the limit is passed").isTrue();
    one.giveBack();
    assertThat(budget.isShort()).isFalse();
  }

  @Test
  void nobodyIsLetInDuringAPauseHoweverLongItTakes() {
    budget.pause(true);
    Client small = ask(1);
    for (int i = 0; i < 10; i++) {
      budget.look();
    }
    assertThat(small.waits).isTrue();
    assertThat(budget.isShort()).as("clients are not to blame").isFalse();
    budget.pause(false);
    assertThat(small.waits).isFalse();
  }

  @Test
  void theSumIsBoundedAndNobodyStarvesWhateverTheOrder() {
    Random random = new Random(7);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(new Client("10.0.0." + i % 7));
    }
    for (int step = 0; step < 20_000; step++) {
      Client client = clients.get(random.nextInt(clients.size()));
      if (!client.waits && random.nextBoolean()) {
        client.ask(1 + random.nextInt((int) (random.nextBoolean() ? LARGEST : 64 << 10)));
      } else if (!client.got.isEmpty()) {
        client.giveBack();
      }
      if (step % 100 == 0) {
        budget.look();
      }
      assertThat(budget.used())
          .isBetween(0L, LIMIT + LARGEST + clients.size() * ByteBudget.OWN)
          .isEqualTo(clients.stream().mapToLong(Client::held).sum());
    }
    for (int round = 0; round < 1000; round++) {
      clients.stream().filter(c -> !c.got.isEmpty()).forEach(Client::giveBack);
    }
    assertThat(clients).noneMatch(c -> c.waits);
    assertThat(budget.used()).isZero();
  }
}
