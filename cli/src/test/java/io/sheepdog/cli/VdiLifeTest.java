package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attributes, rollback, full clones, locks: words, exit codes, what is asked of the cluster. */
@Timeout(60)
final class VdiLifeTest {
  private static final int ALICE = 0x15d167;
  private static final int MIB = 1 << 20;

  private final FakeWorld world =
      new FakeWorld().node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).node("127.0.0.1:3", 2);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
    collie("vdi create Alice 20M");
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result collie(String command) {
    return Tool.collie().at(daemon).run(command);
  }

  private Result dog(String command) {
    return Tool.dog().at(daemon).run(command);
  }

  private void write(String vdi, String offset, byte[] bytes) {
    Result result = Tool.collie().at(daemon).piping(bytes).run("vdi write " + vdi + " " + offset);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private byte[] read(String vdi) {
    return collie("vdi read " + vdi).bytes();
  }

  @Test
  void anAttributeIsSetPrintedAndDeleted() {
    assertThat(collie("vdi setattr Alice owner me").code()).isZero();
    assertThat(dog("vdi getattr Alice owner").out()).isEqualTo("me");
    assertThat(collie("vdi getattr -o json Alice owner").out()).contains("\"value\" : \"me\"");
    assertThat(dog("vdi setattr -d Alice owner").code()).isZero();
    Result gone = dog("vdi getattr Alice owner");
    assertThat(gone.code()).isEqualTo(5);
    assertThat(gone.err()).isEqualTo("Attribute 'owner' not found\n");
    assertThat(dog("vdi setattr -d Alice owner").code()).isEqualTo(5);
    assertThat(dog("vdi getattr Bob owner").err()).startsWith("VDI not found");
    assertThat(dog("vdi getattr Bob owner").code()).isEqualTo(5);
  }

  @Test
  void anExclusiveAttributeIsALock() {
    assertThat(dog("vdi setattr -x Alice lock a").code()).isZero();
    Result second = dog("vdi setattr -x Alice lock b");
    assertThat(second.code()).isEqualTo(3);
    assertThat(second.err()).isEqualTo("The attribute 'lock' already exists\n");
    assertThat(collie("vdi getattr Alice lock").out()).isEqualTo("a");
  }

  @Test
  void aValueMayComeFromStandardInputAndHas64KibibytesAtMost() {
    byte[] most = "x".repeat(65536).getBytes(StandardCharsets.UTF_8);
    assertThat(Tool.dog().at(daemon).piping(most).run("vdi setattr Alice big").code()).isZero();
    assertThat(collie("vdi getattr Alice big").bytes()).isEqualTo(most);
    Result more = Tool.dog().at(daemon).piping(new byte[65537]).run("vdi setattr Alice big");
    assertThat(more.code()).isEqualTo(64);
    assertThat(more.err()).contains("at most 65536");
    assertThat(dog("vdi setattr Alice").code()).isEqualTo(64);
    assertThat(dog("vdi setattr -d -x Alice k").code()).isEqualTo(64);
    assertThat(dog("vdi setattr Alice " + "k".repeat(256) + " v").code()).isEqualTo(64);
  }

  @Test
  void rollbackKeepsWhatThereWasAsASnapshot() {
    write("Alice", "0", "old".getBytes(StandardCharsets.UTF_8));
    collie("vdi snapshot -s noon Alice");
    write("Alice", "0", "new".getBytes(StandardCharsets.UTF_8));

    Result result = collie("vdi rollback -s noon Alice");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("The former contents are snapshot 2 (before-rollback-");
    assertThat(new String(read("Alice"), 0, 3, StandardCharsets.UTF_8)).isEqualTo("old");
    assertThat(new String(read("-s 2 Alice"), 0, 3, StandardCharsets.UTF_8)).isEqualTo("new");
  }

  @Test
  void rollbackWithoutSafetySnapshotDeletesIt() {
    collie("vdi snapshot -s noon Alice");
    Result result = collie("vdi rollback -s noon --no-safety-snapshot -v Alice");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).startsWith("VDI ID of newly created VDI: ");
    assertThat(result.err()).isEmpty();
    assertThat(world.requests(Opcode.DEL_VDI)).hasSize(1);
  }

  @Test
  void rollbackAsksAndIsRefusedWhileTheImageIsUsed() {
    collie("vdi snapshot -s noon Alice");
    assertThat(dog("vdi rollback Alice").code()).isEqualTo(64);
    assertThat(dog("vdi rollback -s midnight Alice").err())
        .endsWith(": Failed to find requested tag\n");
    Result no = Tool.dog().at(daemon).typing("no\n").run("vdi rollback -s noon Alice");
    assertThat(no.code()).isZero();
    assertThat(no.out()).contains("its present contents stay as a snapshot");
    int made = world.requests(Opcode.NEW_VDI).size();
    world.vdis.lock(world.vdis.image("Alice").vdiId().value(), "127.0.0.1:1");
    Result used = dog("vdi rollback -f -s noon Alice");
    assertThat(used.code()).isEqualTo(1);
    assertThat(used.err()).contains("VDI is already locked");
    assertThat(world.requests(Opcode.NEW_VDI)).hasSize(made);
  }

  @Test
  void deleteTakesTheOptionsOfDogThatHaveNoEffect() {
    assertThat(dog("vdi delete -B 100 -I 1 Alice").err()).isEmpty();
    assertThat(world.vdis.head("Alice")).isNull();
    assertThat(dog("vdi delete -B many Bob").code()).isEqualTo(64);
  }

  @Test
  void identicalSnapshotsAreLeftOutIfWanted() {
    write("Alice", "0", new byte[] {1});
    assertThat(collie("vdi snapshot -R Alice").code()).isZero();
    Result second = collie("vdi snapshot -R -v Alice");
    assertThat(second.code()).isZero();
    assertThat(second.err()).contains("none is taken");
    write("Alice", "1", new byte[] {2});
    collie("vdi snapshot -R Alice");
    assertThat(collie("vdi list -r Alice").out().lines().filter(row -> row.startsWith("s ")))
        .hasSize(2);
  }

  @Test
  void anUnsharedCloneHasItsOwnDataAndNoParent() {
    write("Alice", "5M", new byte[] {1, 2, 3});
    collie("vdi snapshot -s noon Alice");
    assertThat(collie("vdi clone -n -s noon Alice Bob").code()).isZero();
    assertThat(read("Bob")).isEqualTo(read("Alice"));
    assertThat(world.vdis.image("Bob").parentVdiId()).isEqualTo(VdiId.NONE);
    VdiId bob = world.vdis.image("Bob").vdiId();
    assertThat(world.holds(ObjectId.data(bob, 1))).isTrue();
    assertThat(world.holds(ObjectId.data(bob, 0))).isFalse();
  }

  @Test
  void aPreallocatedCloneHasAllObjects() {
    write("Alice", "5M", new byte[] {1, 2, 3});
    collie("vdi snapshot -s noon Alice");
    for (String options : new String[] {"-P", "-P -n"}) {
      String name = options.replace(" ", "");
      assertThat(collie("vdi clone " + options + " -s noon Alice Bob" + name).code()).isZero();
      assertThat(read("Bob" + name)).isEqualTo(read("Alice"));
      VdiId bob = world.vdis.image("Bob" + name).vdiId();
      for (int index = 0; index < 5; index++) {
        assertThat(world.holds(ObjectId.data(bob, index))).as("object " + index).isTrue();
      }
    }
  }

  @Test
  void aCloneThatFailsIsDeleted() {
    write("Alice", "5M", new byte[] {1, 2, 3});
    collie("vdi snapshot -s noon Alice");
    world.failures.put(Opcode.CREATE_AND_WRITE_OBJ, ResultCode.NO_SPACE);
    Result result = collie("vdi clone -n -s noon Alice Bob");
    assertThat(result.code()).isEqualTo(1);
    assertThat(world.vdis.head("Bob")).isNull();
  }

  @Test
  void preallocationMakesEveryObjectAndShowsProgressOnATerminalOnly() {
    Result piped = collie("vdi create -P Bob 30M");
    assertThat(piped.out()).isEmpty();
    VdiId bob = world.vdis.image("Bob").vdiId();
    for (int index = 0; index < 8; index++) {
      assertThat(world.holds(ObjectId.data(bob, index))).as("object " + index).isTrue();
    }
    assertThat(collie("vdi list -r Bob").out()).contains(" 33554432 ");
    Result shown = Tool.dog().at(daemon).onTerminal().run("vdi create -P Carol 30M");
    assertThat(shown.out()).contains("\r").endsWith("\n");
    String last = shown.out().substring(shown.out().lastIndexOf('\r') + 1);
    assertThat(last).startsWith("100.0 % [" + "=".repeat(50) + "] 30 MB / 30 MB");
    assertThat(last.stripTrailing().length()).isLessThanOrEqualTo(80);
  }

  @Test
  void shrinkingSaysWhatIsCutAndGivesItBack() {
    write("Alice", "0", new byte[] {9});
    write("Alice", "9M", "ab".repeat(MIB / 2).getBytes(StandardCharsets.UTF_8));
    write("Alice", "16M", new byte[] {7});
    assertThat(dog("vdi resize Alice 10M").err()).startsWith("Shrinking VDIs is not implemented");

    Result result = collie("vdi resize --shrink Alice 9.5M");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .isEqualTo(
            "This cuts 10 MB off Alice, of which up to 6.5 MB hold data; snapshots keep theirs.\n");
    assertThat(read("Alice")).hasSize(19 * MIB / 2);
    collie("vdi resize Alice 20M");
    byte[] grown = read("Alice");
    assertThat(grown[9 * MIB]).isEqualTo((byte) 'a');
    for (int i = 19 * MIB / 2; i < grown.length; i++) {
      if (grown[i] != 0) {
        throw new AssertionError("byte " + i + " came to light again");
      }
    }
  }

  @Test
  void shrinkingAsksWhereSomebodyCanAnswer() {
    write("Alice", "16M", new byte[] {7});
    Result no = Tool.collie().at(daemon).typing("no\n").run("vdi resize --shrink Alice 4M");
    assertThat(no.out()).contains("Continue? [yes/no]: ");
    assertThat(world.vdis.header(ALICE).vdiSize()).isEqualTo(20 * MIB);
    assertThat(Tool.collie().at(daemon).typing("").run("vdi resize --shrink -f Alice 4M").code())
        .isZero();
    assertThat(world.vdis.header(ALICE).vdiSize()).isEqualTo(4 * MIB);
  }

  @Test
  void locksShowWhoWhereAndSinceWhen() {
    world.vdis.lock(ALICE, "127.0.0.1:1");
    assertThat(collie("vdi lock list").out())
        .isEqualTo(
            "  Name      VDI id  Client           Node                  Since                Kind\n"
                + "  Alice     15d167  10.0.0.5         127.0.0.1:1           2010-05-02 13:16:00  native\n");
    assertThat(collie("vdi lock list -r").out())
        .isEqualTo("Alice 15d167 127.0.0.1:1 10.0.0.5 1272806160 native\n");
    assertThat(collie("vdi lock list -o json").out())
        .contains("\"client\" : \"10.0.0.5\"", "\"since\" : 1272806160", "\"generation\" : 7");
  }

  @Test
  void breakingALockSaysWhoIsShutOut() {
    assertThat(collie("vdi lock break Alice").err()).isEqualTo("Alice: VDI isn't locked\n");
    world.vdis.lock(ALICE, "127.0.0.1:1");
    Result no = Tool.collie().at(daemon).typing("no\n").run("vdi lock break Alice");
    assertThat(no.out()).contains("Its writes will be refused");
    assertThat(world.vdis.isLocked(ALICE)).isTrue();
    assertThat(collie("vdi lock break Alice").err())
        .isEqualTo(
            "The lock of Alice was held by 10.0.0.5 through node 127.0.0.1:1, since 2010-05-02 13:16:00\n");
    assertThat(world.vdis.isLocked(ALICE)).isFalse();
    assertThat(collie("vdi lock break").code()).isEqualTo(1);
  }
}
