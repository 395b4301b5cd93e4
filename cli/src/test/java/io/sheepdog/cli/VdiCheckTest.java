package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.Home;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code vdi check} and {@code cluster check}. */
@Timeout(60)
final class VdiCheckTest {
  private static final VdiId ALICE = new VdiId(0x15d167);
  private static final ObjectId INODE = ObjectId.inode(ALICE);
  private static final ObjectId DATA = ObjectId.data(ALICE, 1);

  private final FakeWorld world = new FakeWorld();
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    world.node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).epoch(1, 100, 100, 2);
    daemon = FakeDaemon.onPort(0, world);
    dog("vdi create Alice 20M");
    write("Alice", "1M", "first");
    write("Alice", "5M", "second");
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result dog(String command) {
    return Tool.dog().at(daemon).run(command);
  }

  private void write(String vdi, String offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Result result = Tool.dog().at(daemon).piping(bytes).run("vdi write " + vdi + " " + offset);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static ObjectComparison found(Outcome outcome, int blocks, State... states) {
    List<Home> homes = new ArrayList<>();
    for (State state : states) {
      homes.add(new Home(NodeAddress.parse("127.0.0.1:" + (homes.size() + 1)), state));
    }
    return new ObjectComparison(outcome, blocks, homes);
  }

  private void comparing(ObjectId oid, ObjectComparison... found) {
    world.comparisons.put(oid, new ArrayDeque<>(List.of(found)));
  }

  @Test
  void anImageThatIsWholeNeedsOneLine() {
    Result result = dog("vdi check Alice");
    assertThat(result.out()).isEqualTo("finish check&repair Alice\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(world.requests(Opcode.PEER_COMPARE))
        .extracting(request -> ((PeerBody) request.body()).oid())
        .containsExactly(INODE, ObjectId.data(ALICE, 0), DATA);
    assertThat(world.requests(Opcode.PEER_COMPARE))
        .allMatch(request -> ((PeerBody) request.body()).length() == 1)
        .allMatch(request -> request.epoch().value() == 1);
  }

  @Test
  void whatWasRepairedIsSaidInTheWordsOfVersionOne() {
    comparing(INODE, found(Outcome.REPAIRED, 0, State.GOOD, State.REPAIRED));
    comparing(DATA, found(Outcome.REPAIRED, 3, State.REPAIRED, State.GOOD));

    Result result = dog("vdi check Alice");
    assertThat(result.out())
        .isEqualTo(
            "fixed missing 8015d16700000000\n"
                + "fixed replica 0015d16700000001\n"
                + "finish check&repair Alice\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void whatIsNotRepairedIsAnError() {
    comparing(INODE, found(Outcome.DIFFERENT, 2, State.DIFFERENT, State.DIFFERENT));
    comparing(DATA, found(Outcome.DIFFERENT, 0, State.MISSING, State.MISSING));

    Result result = dog("vdi check Alice");
    assertThat(result.err())
        .isEqualTo(
            "copies of 8015d16700000000 differ in 2 blocks (127.0.0.1:1, 127.0.0.1:2)\n"
                + "no node has 0015d16700000001\n");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void aDryRunRepairsNothing() {
    comparing(DATA, found(Outcome.DIFFERENT, 0, State.GOOD, State.MISSING));

    Result result = dog("vdi check -n Alice");
    assertThat(result.out()).isEqualTo("finish check Alice\n");
    assertThat(result.err()).isEqualTo("copies of 0015d16700000001 are missing (127.0.0.1:2)\n");
    assertThat(result.code()).isEqualTo(1);
    assertThat(world.requests(Opcode.PEER_COMPARE))
        .allMatch(request -> ((PeerBody) request.body()).length() == 0);
  }

  @Test
  void whatIsWrittenToNowIsAskedForAgain() {
    ObjectComparison busy = found(Outcome.UNKNOWN, 0, State.UNKNOWN, State.GOOD);
    comparing(DATA, busy, busy, found(Outcome.SAME, 0, State.GOOD, State.GOOD));
    assertThat(dog("vdi check Alice").code()).isZero();
    assertThat(world.requests(Opcode.PEER_COMPARE)).hasSize(5);

    comparing(DATA, busy);
    Result result = dog("vdi check Alice");
    assertThat(result.err()).startsWith("cannot tell about 0015d16700000001: ");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void objectsThatImagesShareAreComparedOnce() {
    dog("vdi snapshot -s noon Alice");
    dog("vdi clone -s noon Alice Bob");
    int before = world.requests(Opcode.PEER_COMPARE).size();

    Result result = dog("cluster check");
    assertThat(result.out())
        .contains("fix snapshot Alice (id: 1, tag: \"noon\")\n")
        .contains("fix vdi Alice\nfinish check&repair Alice\n")
        .contains("fix vdi Bob\nfinish check&repair Bob\n");
    assertThat(result.code()).isZero();
    assertThat(world.requests(Opcode.PEER_COMPARE)).hasSize(before + 3 + 2);
  }

  @Test
  void programsGetADocument() {
    comparing(DATA, found(Outcome.DIFFERENT, 4, State.DIFFERENT, State.DIFFERENT));

    Result result = dog("vdi check -o json Alice");
    assertThat(result.out())
        .contains("\"objects\" : 3")
        .contains("\"whole\" : false")
        .contains("\"object_id\" : \"0015d16700000001\"")
        .contains("\"outcome\" : \"different\"")
        .contains("\"copy\" : \"different\"");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isEqualTo(1);
    assertThat(dog("cluster check -o json").out()).contains("\"whole\" : false");
  }

  @Test
  void anImageThatDoesNotExistIsSaidSo() {
    Result result = dog("vdi check Nobody");
    assertThat(result.err()).startsWith("Failed to open VDI Nobody: ");
    assertThat(result.code()).isEqualTo(1);
  }
}
