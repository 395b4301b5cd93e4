package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of snapshots and of differences, and what becomes of them. */
@Timeout(60)
final class BackupTest {
  private static final int MIB = 1 << 20;
  private static final int END = 16;

  private final FakeWorld world =
      new FakeWorld().node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).node("127.0.0.1:3", 2);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
    collie("vdi create Alice 20M");
    byte[] bytes = new byte[6 * MIB];
    new Random(1).nextBytes(bytes);
    write("Alice", "3M", bytes);
    collie("vdi snapshot -s one Alice");
    write("Alice", "5000000", "second".getBytes(StandardCharsets.UTF_8));
    write("Alice", "19M", "tail".getBytes(StandardCharsets.UTF_8));
    collie("vdi snapshot -s two Alice");
    write("Alice", "0", "third".getBytes(StandardCharsets.UTF_8));
    collie("vdi snapshot -s three Alice");
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result collie(String command) {
    return Tool.collie().at(daemon).run(command);
  }

  private Result piping(byte[] bytes, String command) {
    return Tool.collie().at(daemon).piping(bytes).run(command);
  }

  private void write(String vdi, String offset, byte[] bytes) {
    Result result = piping(bytes, "vdi write " + vdi + " " + offset);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private byte[] read(String snapshot, String vdi) {
    Result result = collie("vdi read -s " + snapshot + " " + vdi);
    assertThat(result.code()).as(result.err()).isZero();
    return result.bytes();
  }

  private byte[] backup(String options) {
    Result result = collie("vdi backup " + options + " Alice");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return result.bytes();
  }

  private void restore(byte[] stream, String arguments) {
    Result result = piping(stream, "vdi restore " + arguments);
    assertThat(result.code()).as(result.err()).isZero();
  }

  @Test
  void aChainOfBackupsIsRestored() {
    byte[] one = backup("-s one");
    byte[] two = backup("-F one -s two");
    byte[] three = backup("-F two -s three");
    assertThat(one.length).isBetween(6 * MIB, 6 * MIB + 2000);
    assertThat(two.length).as("sectors that changed").isLessThan(3000);

    restore(one, "Bob");
    restore(two, "-s one Bob");
    restore(three, "-s two Bob");

    for (String snapshot : new String[] {"one", "two", "three"}) {
      assertThat(read(snapshot, "Bob")).isEqualTo(read(snapshot, "Alice"));
    }
    assertThat(world.vdis.image("Bob").blockSizeShift()).isEqualTo(22);
  }

  @Test
  void whatIsRestoredHasItsBaseForParentAndTheWorkingImageStays() {
    restore(backup("-s one"), "Bob");
    InodeHeader before = world.vdis.image("Bob");
    restore(backup("-F one -s two"), "-s one Bob");
    InodeHeader after = world.vdis.image("Bob");
    assertThat(after.parentVdiId()).isEqualTo(before.parentVdiId());
    assertThat(collie("vdi read Bob").bytes()).isEqualTo(read("one", "Bob"));
    String list = collie("vdi list -r Bob").out();
    assertThat(list.lines().filter(row -> row.startsWith("s "))).hasSize(2);

    write("Bob", "1M", new byte[] {42});
    byte[] mine = collie("vdi read Bob").bytes();
    restore(backup("-F two -s three"), "-s two Bob");
    assertThat(collie("vdi read Bob").bytes()).isEqualTo(mine);
    assertThat(collie("vdi list -r Bob").out()).contains("before-restore-of-");
  }

  @Test
  void aDamagedBackupChangesNothing() {
    byte[] good = backup("-s one");
    byte[] flipped = good.clone();
    flipped[MIB] ^= 1;
    assertRefused(flipped, "damaged in record 1");
    byte[] header = good.clone();
    header[20] ^= 1;
    assertRefused(header, "damaged in its first bytes");
    assertRefused(Arrays.copyOf(good, good.length - END), "cut off after 3 records");
    assertRefused(Arrays.copyOf(good, 5 * MIB), "cut off after");
    assertRefused(new byte[100], "not a backup");
    assertRefused(new byte[0], "cut off");
    byte[] dropped = new byte[good.length];
    int first = 544;
    int length = Unpooled.wrappedBuffer(good).getIntLE(first + 8);
    System.arraycopy(good, 0, dropped, 0, first);
    int rest = good.length - first - END - length;
    System.arraycopy(good, first + END + length, dropped, first, rest);
    assertRefused(Arrays.copyOf(dropped, first + rest), "records are missing");
  }

  private void assertRefused(byte[] stream, String why) {
    Result result = Tool.dog().at(daemon).piping(stream).run("vdi restore Bob");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(why).endsWith("; nothing was changed\n");
    assertThat(world.vdis.head("Bob")).as(why).isNull();
  }

  @Test
  void aDamagedDifferenceLeavesTheImageAsItWas() {
    restore(backup("-s one"), "Bob");
    write("Bob", "1M", new byte[] {42});
    byte[] mine = collie("vdi read Bob").bytes();
    byte[] two = backup("-F one -s two");
    two[two.length - END - 1] ^= 1;
    Result result = piping(two, "vdi restore -s one Bob");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("damaged in record 2");
    assertThat(collie("vdi read Bob").bytes()).isEqualTo(mine);
    assertThat(collie("vdi read -s two Bob").code()).isEqualTo(1);
  }

  @Test
  void aFullClusterLeavesTheImageAsItWas() {
    restore(backup("-s one"), "Bob");
    byte[] two = backup("-F one -s two");
    world.failures.put(Opcode.CREATE_AND_WRITE_OBJ, ResultCode.NO_SPACE);
    assertThat(piping(two, "vdi restore -s one Bob").code()).isEqualTo(1);
    assertThat(collie("vdi read Bob").bytes()).isEqualTo(read("one", "Alice"));
    assertThat(collie("vdi list -r Bob").out().lines()).hasSize(2);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    byte[] full = backup("-s one");
    byte[] difference = backup("-F one -s two");
    assertThat(piping(full, "vdi restore -s one Alice").err()).contains("without -s");
    assertThat(piping(difference, "vdi restore Bob").err()).contains("'one' then", "-s");
    Result base = piping(difference, "vdi restore -s none Alice");
    assertThat(base.err()).startsWith("Snapshot ID 0 or tag none doesn't exist\n");
    assertThat(base.code()).isEqualTo(1);
    assertThat(piping(full, "vdi restore Alice").err()).contains("Failed to create VDI Alice");
    assertThat(Tool.dog().at(daemon).run("vdi backup Alice").code()).isEqualTo(64);
    assertThat(Tool.dog().at(daemon).onTerminal().run("vdi backup -s one Alice").code())
        .isEqualTo(64);
    assertThat(Tool.dog().at(daemon).typing("").run("vdi restore Alice").code()).isEqualTo(64);
  }

  @Test
  void aStreamOfDogIsRestoredToo() {
    ByteBuf stream = Unpooled.buffer();
    stream.writeIntLE(1).writeIntLE(0x11921192);
    stream
        .writeIntLE(2)
        .writeIntLE(512)
        .writeIntLE(4)
        .writeIntLE(0)
        .writeBytes(new byte[] {1, 2, 3, 4});
    stream.writeIntLE(-1).writeZero(12);
    byte[] bytes = new byte[stream.readableBytes()];
    stream.readBytes(bytes);
    restore(bytes, "-s three Alice");
    byte[] expected = read("three", "Alice");
    System.arraycopy(new byte[] {1, 2, 3, 4}, 0, expected, 8 * MIB + 512, 4);
    assertThat(read("5", "Alice")).isEqualTo(expected);
  }
}
