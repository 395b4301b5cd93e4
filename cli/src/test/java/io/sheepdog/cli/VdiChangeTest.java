package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiStateBody;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that change images, and their contents. */
@Timeout(60)
final class VdiChangeTest {
  private static final int ALICE = 0x15d167;
  private static final int MIB = 1 << 20;

  private final FakeWorld world =
      new FakeWorld().node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).node("127.0.0.1:3", 2);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
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

  private static void assertSilent(Result result) {
    assertThat(result)
        .extracting(Result::code, Result::out, Result::err)
        .containsExactly(0, "", "");
  }

  @Test
  void createIsSilentAndThin() {
    assertSilent(collie("vdi create Alice 40G"));

    VdiBody body = (VdiBody) world.requests(Opcode.NEW_VDI).get(0).body();
    assertThat(body.size()).isEqualTo(40L << 30);
    assertThat(body.copies()).isZero();
    assertThat(collie("vdi list -r").out()).startsWith("= Alice 0 42949672960 0 0 ");
  }

  @Test
  void createPrintsTheVidWhenAsked() {
    assertThat(dog("vdi create -v Alice 1.5G -c 2 -z 23").out())
        .isEqualTo("VDI ID of newly created VDI: 15d167\n");
    assertThat(dog("vdi create -v -r Bob 1").out()).isEqualTo("316b4\n");
    assertThat(dog("vdi create Carol 1M -o json").out()).contains("\"vid\" : \"");
    assertThat(world.vdis.header(ALICE).blockSizeShift()).isEqualTo(23);
    assertThat(world.vdis.header(0x316b4).vdiSize()).as("whole sectors").isEqualTo(512);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "0G", "garbage", "40GB", "1,5G", "9999P", "5T", "99999999999999999999"})
  void createRefusesImpossibleSizes(String size) {
    Result collie = collie("vdi create Alice " + size);
    Result dog = dog("vdi create Alice " + size);

    assertThat(collie.code()).isEqualTo(1);
    assertThat(collie.err()).matches("(Invalid size '" + size + "'|VDI size is too large): .*\n");
    assertThat(collie.out()).isEmpty();
    assertThat(dog.code()).isEqualTo(64);
    assertThat(dog.out()).startsWith("Usage: dog vdi create ");
    assertThat(world.requests(Opcode.NEW_VDI)).isEmpty();
  }

  @Test
  void createRefusesANegativeSizeAfterTheDashes() {
    assertThat(dog("vdi create Alice -- -5").err()).contains("must not be negative");
    assertThat(dog("vdi create Alice -5").err()).contains("must not be negative");
  }

  @ParameterizedTest
  @CsvSource({
    "-c 32, Invalid parameter 32",
    "-c 4:2, Invalid parameter 4:2",
    "-z 19, Invalid block size shift 19"
  })
  void createRefusesImpossibleLayouts(String option, String message) {
    Result result = dog("vdi create Alice 1G " + option);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith(message);
  }

  @Test
  void createSaysWhyItFailed() {
    collie("vdi create Alice 1G");

    assertThat(dog("vdi create Alice 1G").err())
        .isEqualTo("Failed to create VDI Alice: VDI exists already\n");
    world.unformatted();
    assertThat(dog("vdi create Bob 1G").err())
        .isEqualTo("Failed to create VDI Bob: Waiting for cluster to be formatted\n");
    assertThat(dog("vdi create Bob 1G").code()).isEqualTo(1);
  }

  @Test
  void namesHaveAtMost255BytesAndMayHoldBlanks() {
    assertSilent(collie("vdi create " + "n".repeat(255) + " 1M"));
    assertSilent(collie("vdi create my_disk 1M"));
    assertSilent(collie("vdi create " + "あ".repeat(85) + " 1M"));
    for (String name : new String[] {"n".repeat(256), "あ".repeat(86)}) {
      Result result = Tool.dog().at(daemon).run("vdi", "create", name, "1M");
      assertThat(result.code()).isEqualTo(64);
      assertThat(result.err()).startsWith("Invalid name '" + name + "': VDI name ");
    }
  }

  @Test
  void anEmptyArgumentIsRefused() {
    Result result = Tool.dog().at(daemon).run("vdi", "create", "", "1M");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).isEqualTo("dog: an argument is empty\n");
  }

  @Test
  void moreCopiesThanZonesAreWarnedOf() {
    Result result = dog("vdi create Alice 1G -c 4");

    assertThat(result.code()).isZero();
    assertThat(result.err()).startsWith("warning: 4 copies are wanted, but there are only 3 zones");
  }

  @Test
  void deleteIsSilentAndRefusesLockedImages() {
    collie("vdi create Alice 1G");
    world.vdis.lock(ALICE, "127.0.0.1:1");

    assertThat(collie("vdi delete Alice").err()).isEqualTo("Alice: VDI is already locked\n");
    assertThat(collie("vdi delete Alice").code()).isEqualTo(1);
    assertThat(dog("vdi delete Alice").code()).isEqualTo(1);
    collie("vdi release Alice");
    assertSilent(collie("vdi delete Alice"));
    assertThat(collie("vdi list -r").out()).isEmpty();
  }

  @Test
  void deletingNothingFailsForCollieAndEndsWithZeroForOpenStack() {
    Result collie = collie("vdi delete Nobody");
    Result dog = dog("vdi delete Nobody");
    collie("vdi create Alice 1G");
    Result tag = dog("vdi delete -s nightly Alice");
    Result unreachable = Tool.dog().run("vdi delete Alice -p 1");

    assertThat(collie)
        .extracting(Result::code, Result::err)
        .containsExactly(1, "Nobody: No vdi found\n");
    assertThat(dog.code()).isZero();
    assertThat(dog.err()).endsWith(": No VDI found\n");
    assertThat(tag.code()).isZero();
    assertThat(tag.err()).endsWith(": Failed to find requested tag\n");
    assertThat(unreachable.code()).isZero();
    assertThat(unreachable.err()).startsWith("failed to connect to");
    assertThat(Tool.collie().run("vdi delete Alice -p 1").code()).isEqualTo(1);
  }

  @Test
  void aSnapshotIsTakenClonedAndDeleted() {
    collie("vdi create Alice 1G");

    assertThat(dog("vdi snapshot -v -s s1 Alice").out())
        .isEqualTo("new VID of original VDI: 15d168, VDI ID of newly created snapshot: 15d167\n");
    assertThat(dog("vdi clone -v -s s1 Alice Dave").out())
        .isEqualTo("VDI ID of newly created clone: 2a689f\n");
    assertThat(dog("vdi list -r").out())
        .contains("s Alice 1 1073741824 0 0 1272806160 15d167 3 s1 22\n")
        .contains("= Alice 0 1073741824 0 0 1272806160 15d168 3  22\n")
        .contains("c Dave 0 1073741824 0 0 1272806160 2a689f 3  22\n");
    assertSilent(dog("vdi delete -s 1 Alice"));
    assertThat(dog("vdi list -r").out()).doesNotContain("s Alice");
  }

  @Test
  void snapshotsAreRefusedInTheWordsThatScriptsMatch() {
    collie("vdi create Alice 1G");
    dog("vdi snapshot -s s1 Alice");

    assertThat(dog("vdi snapshot -s s1 Alice").err()).endsWith("tag (s1) is existed\n");
    assertThat(dog("vdi snapshot -s s1 Alice").code()).isEqualTo(1);
    assertThat(dog("vdi snapshot -s 7 Alice").code()).isEqualTo(64);
    assertThat(dog("vdi snapshot -s 0 Alice").code()).isEqualTo(1);
    assertThat(dog("vdi snapshot Bob").err())
        .isEqualTo("Failed to create snapshot for Bob: No VDI found\n");
    assertThat(dog("vdi clone Alice Dave").code()).isEqualTo(64);
    assertThat(dog("vdi clone -s nightly Alice Dave").err())
        .endsWith("(snapshot id: 0 snapshot tag: nightly): Failed to find requested tag\n");
  }

  @Test
  void aSnapshotThatFailsLeavesNoTag() {
    collie("vdi create Alice 1G");
    world.failures.put(Opcode.NEW_VDI, ResultCode.VDI_WRITE);

    Result result = dog("vdi snapshot -s s1 Alice");

    assertThat(result.err())
        .isEqualTo("Failed to create snapshot for Alice: Failed to write to requested VDI\n");
    assertThat(world.vdis.header(ALICE).tag()).isEmpty();
  }

  @Test
  void theNumberOfCopiesIsChanged() {
    collie("vdi create -c 2 Alice 1G");

    Result dog = dog("vdi alter-copy -c 1 -f Alice");
    assertThat(dog.code()).isZero();
    assertThat(dog.out()).isEqualTo("Alice's redundancy level is set to 1, the old one was 2.\n");
    assertThat(world.requests(Opcode.ALTER_VDI_COPY))
        .singleElement()
        .matches(
            request ->
                ((VdiStateBody) request.body()).newVid().equals(world.vdis.header(ALICE).vdiId()))
        .matches(request -> ((VdiStateBody) request.body()).copies() == 1);
    assertThat(dog("vdi alter-copy -c 2 -f Alice").err())
        .isEqualTo("Alice's redundancy level is already set to 2, nothing changed.\n");
    assertThat(dog("vdi alter-copy -c 1 Nobody").err()).endsWith(": No VDI found\n");

    world.failures.put(Opcode.ALTER_VDI_COPY, ResultCode.INVALID_PARMS);
    assertThat(dog("vdi alter-copy -c 1 -f Alice").err()).contains("--no-share");
    world.failures.put(Opcode.ALTER_VDI_COPY, ResultCode.AGAIN);
    Result again = dog("vdi alter-copy -c 1 -f Alice");
    assertThat(again.err()).contains("try again");
    assertThat(again.code()).isEqualTo(1);
  }

  @Test
  void imagesGrowAndDoNotShrink() {
    collie("vdi create Alice 1G");

    assertSilent(dog("vdi resize Alice 2G"));
    assertThat(world.vdis.header(ALICE).vdiSize()).isEqualTo(2L << 30);
    Result smaller = dog("vdi resize Alice 1G");
    Result larger = dog("vdi resize Alice 5T");
    assertThat(smaller.code()).isEqualTo(64);
    assertThat(smaller.err()).startsWith("Shrinking VDIs is not implemented");
    assertThat(larger.code()).isEqualTo(64);
    assertThat(larger.err()).startsWith("New VDI size is too large");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    collie("vdi create Alice 16M");
    byte[] data = new byte[6 * MIB];
    Arrays.fill(data, (byte) 'x');

    assertSilent(Tool.collie().at(daemon).piping(data).run("vdi write Alice 3M"));

    byte[] back = collie("vdi read Alice").bytes();
    byte[] expected = new byte[16 * MIB];
    Arrays.fill(expected, 3 * MIB, 9 * MIB, (byte) 'x');
    assertThat(back).isEqualTo(expected);
    assertThat(collie("vdi list -r").out()).startsWith("= Alice 0 16777216 12582912 0 ");
    assertThat(collie("vdi read Alice 3145726 4").bytes()).containsExactly(0, 0, 'x', 'x');
  }

  @Test
  void writingToAnImageWithASnapshotCopiesItsObjects() {
    collie("vdi create Alice 8M");
    Tool.dog()
        .at(daemon)
        .piping("old old".getBytes(StandardCharsets.US_ASCII))
        .run("vdi write Alice");
    dog("vdi snapshot -s s1 Alice");

    assertSilent(
        Tool.dog()
            .at(daemon)
            .piping("new".getBytes(StandardCharsets.US_ASCII))
            .run("vdi write -w Alice 0 3"));

    assertThat(dog("vdi read Alice 0 7").out()).isEqualTo("new old");
    assertThat(dog("vdi read -s s1 Alice 0 7").out()).isEqualTo("old old");
    assertThat(world.holds(ObjectId.data(new VdiId(ALICE + 1), 0))).isTrue();
    assertThat(world.requests(Opcode.FLUSH_VDI)).hasSize(1);
  }

  @Test
  void writingStopsAtTheEndOfTheImageOfTheInputAndOfTheLength() throws IOException {
    collie("vdi create Alice 1M");
    InputStream input = new ByteArrayInputStream(new byte[2 * MIB]);

    assertSilent(Tool.dog().at(daemon).piping(input.readAllBytes()).run("vdi write Alice"));
    assertSilent(Tool.dog().at(daemon).piping(new byte[0]).run("vdi write Alice"));
    assertSilent(Tool.dog().at(daemon).piping(new byte[MIB]).run("vdi write Alice 1M"));

    assertThat(world.requests(Opcode.WRITE_OBJ)).as("the index entry only").hasSize(1);
  }

  @Test
  void aTerminalAsInputIsSaidSo() {
    collie("vdi create Alice 1M");

    Result result = Tool.collie().at(daemon).typing("hello\n").run("vdi write Alice");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEqualTo("reading from the terminal; Ctrl-D ends the input\n");
  }

  @Test
  void theEndOfTheImageIsTheEndOfWhatCanBeRead() {
    collie("vdi create Alice 1M");

    assertThat(dog("vdi read Alice 1048575 100").bytes()).containsExactly(0);
    assertSilent(dog("vdi read Alice 1M"));
    Result beyond = dog("vdi read Alice 1048577");
    assertThat(beyond.code()).isEqualTo(1);
    assertThat(beyond.err())
        .isEqualTo("Offset 1048577 is beyond the end of the VDI (1048576 bytes)\n");
    assertThat(dog("vdi read Alice x").code()).isEqualTo(64);
    assertThat(dog("vdi read Bob").err()).endsWith(": No VDI found\n");
  }

  @Test
  void failuresOfTheStoreAreNamedWithTheirObject() {
    world.vdis.add(FakeVdis.header("Alice", ALICE, MIB), ALICE);
    Result read = dog("vdi read Alice");
    world.failures.put(Opcode.WRITE_OBJ, ResultCode.VDI_LOCKED);
    Result write = Tool.dog().at(daemon).piping(new byte[512]).run("vdi write Alice");

    assertThat(read.code()).isEqualTo(1);
    assertThat(read.err())
        .isEqualTo("Failed to read object 0015d16700000000 No object found\nFailed to read VDI\n");
    assertThat(write.code()).isEqualTo(1);
    assertThat(write.err())
        .isEqualTo(
            "Failed to write object 0015d16700000000: VDI is already locked\nFailed to write VDI\n");
  }

  @Test
  void aDamagedInodeIsSaidSo() {
    InodeHeader sizeless =
        new InodeHeader(
            "Alice",
            "",
            FakeVdis.header("Alice", ALICE, 0).createTime(),
            SheepTime.NONE,
            0,
            MIB,
            0,
            0,
            0,
            3,
            0,
            1,
            new VdiId(ALICE),
            VdiId.NONE,
            0);
    world.vdis.add(sizeless);

    assertThat(dog("vdi list").err())
        .isEqualTo("The inode of VDI 15d167 is damaged: no object size\n");
  }
}
