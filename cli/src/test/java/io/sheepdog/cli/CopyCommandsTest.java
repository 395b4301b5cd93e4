package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Contents of images that go to files and pipes and come from there. */
@Timeout(60)
final class CopyCommandsTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
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

  private Result collie(String... words) {
    return Tool.collie().at(daemon).run(words);
  }

  private Result collie(String command) {
    return collie(command.split(" "));
  }

  private void write(String vdi, String offset, byte[] bytes) {
    Result result = Tool.collie().at(daemon).piping(bytes).run("vdi write " + vdi + " " + offset);
    assertThat(result.code()).as(result.err()).isZero();
  }

  /** 20 MiB of which the second and the last object have data. */
  private byte[] alice() {
    collie("vdi create Alice 20M");
    byte[] bytes = new byte[MIB / 2];
    new Random(1).nextBytes(bytes);
    write("Alice", "5M", bytes);
    write("Alice", "20000000", Arrays.copyOf(bytes, 971_520));
    return collie("vdi read Alice").bytes();
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  @Test
  void anImageIsExportedToAFileWithHoles() throws IOException {
    byte[] expected = alice();
    Path raw = file("alice.raw");
    Result result = collie("vdi", "export", "Alice", raw.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out() + result.err()).isEmpty();
    assertThat(Files.readAllBytes(raw)).isEqualTo(expected);
    assertThat(file("alice.raw.part")).doesNotExist();
    Result again = collie("vdi", "export", "Alice", raw.toString());
    assertThat(again.err()).isEqualTo(raw + " exists; -f overwrites it\n");
    assertThat(collie("vdi", "export", "-f", "Alice", raw.toString()).code()).isZero();
  }

  @Test
  void anImageIsExportedToAPipeButNotToATerminal() {
    byte[] expected = alice();
    assertThat(collie("vdi export Alice").bytes()).isEqualTo(expected);
    collie("vdi snapshot -s noon Alice");
    write("Alice", "0", new byte[] {1});
    assertThat(collie("vdi export -s noon Alice").bytes()).isEqualTo(expected);
    Result terminal = Tool.dog().at(daemon).onTerminal().run("vdi export Alice");
    assertThat(terminal.code()).isEqualTo(64);
    assertThat(terminal.err()).contains("name a FILE");
  }

  @Test
  void anExportThatFailsLeavesNoFile() {
    alice();
    world.failures.put(Opcode.READ_OBJ, ResultCode.EIO);
    assertThat(collie("vdi", "export", "Alice", file("x").toString()).code()).isEqualTo(1);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFileIsImportedWithoutItsZeros() throws IOException {
    byte[] bytes = new byte[13 * MIB + 700];
    new Random(2).nextBytes(bytes);
    Arrays.fill(bytes, 4 * MIB, 8 * MIB, (byte) 0);
    Path raw = Files.write(file("bob.raw"), bytes);
    Result result = collie("vdi", "import", "Bob", raw.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(world.vdis.image("Bob").vdiSize()).isEqualTo(13 * MIB + 1024);
    assertThat(Arrays.copyOf(collie("vdi read Bob").bytes(), bytes.length)).isEqualTo(bytes);
    VdiId bob = world.vdis.image("Bob").vdiId();
    assertThat(world.holds(ObjectId.data(bob, 1))).isFalse();
    assertThat(world.holds(ObjectId.data(bob, 3))).isTrue();
    Result again = collie("vdi", "import", "Bob", raw.toString());
    assertThat(again.err()).startsWith("Failed to create VDI Bob: ");
    assertThat(world.vdis.head("Bob")).isNotNull();
  }

  @Test
  void whatComesFromAPipeNeedsNoSize() {
    byte[] bytes = new byte[70 * MIB];
    new Random(3).nextBytes(bytes);
    Result result = Tool.collie().at(daemon).piping(bytes).run("vdi import Bob");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(world.vdis.image("Bob").vdiSize()).isEqualTo(70 * MIB);
    assertThat(collie("vdi read Bob").bytes()).isEqualTo(bytes);
    Result larger =
        Tool.collie().at(daemon).piping(new byte[] {1}).run("vdi import --size 1G Carol");
    assertThat(larger.code()).as(larger.err()).isZero();
    assertThat(world.vdis.image("Carol").vdiSize()).isEqualTo(1L << 30);
  }

  @Test
  void anImportThatFailsLeavesNoImage() {
    Result empty = Tool.collie().at(daemon).piping(new byte[0]).run("vdi import Bob");
    assertThat(empty.err()).isEqualTo("There is nothing to import: standard input is empty\n");
    assertThat(world.vdis.head("Bob")).isNull();
    world.failures.put(Opcode.CREATE_AND_WRITE_OBJ, ResultCode.NO_SPACE);
    Result full = Tool.collie().at(daemon).piping(new byte[] {1}).run("vdi import Bob");
    assertThat(full.code()).isEqualTo(1);
    assertThat(world.vdis.head("Bob")).isNull();
    Result none = collie("vdi", "import", "Bob", file("nothing").toString());
    assertThat(none.err()).startsWith("Cannot read " + file("nothing"));
    assertThat(none.code()).isEqualTo(1);
  }
}
