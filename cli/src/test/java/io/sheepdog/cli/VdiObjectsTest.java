package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code vdi track}, {@code vdi df} and {@code vdi object dump-inode}. */
@Timeout(60)
final class VdiObjectsTest {
  private static final int ALICE = 0x15d167;
  private static final String RULE = "-".repeat(51) + "\n";

  @TempDir private Path directory;
  private final FakeWorld world = new FakeWorld();
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    world.node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).epoch(1, 100, 100, 3);
    world.node("127.0.0.1:3", 2).node("127.0.0.1:4", 3).epoch(2, 100, 200, 3);
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

  private void write(String vdi, String offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Result result = Tool.collie().at(daemon).piping(bytes).run("vdi write " + vdi + " " + offset);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static String targets(ObjectId oid, int nodes) {
    List<RingNode> ring =
        IntStream.rangeClosed(1, nodes)
            .mapToObj(n -> new RingNode(NodeAddress.parse("127.0.0.1:" + n), 128, n - 1))
            .toList();
    return Ring.of(ring).targets(oid, 3).stream()
        .map(node -> node + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void trackShowsWhereAnObjectWasToBeInEachEpoch() {
    ObjectId inode = ObjectId.inode(new VdiId(ALICE));
    assertThat(collie("vdi track Alice").out())
        .isEqualTo(
            "Tracking the inode object 0x15d167 with 4 nodes\n\n"
                + "obj 8015d16700000000 locations at epoch 2, copies = 3\n"
                + RULE
                + targets(inode, 4)
                + "\nobj 8015d16700000000 locations at epoch 1, copies = 3\n"
                + RULE
                + targets(inode, 2));
    assertThat(targets(inode, 2).lines()).as("two nodes, all of them").hasSize(2);
  }

  @Test
  void trackKnowsDataObjectsByIndexAndById() {
    write("Alice", "5M", "data");
    ObjectId data = ObjectId.data(new VdiId(ALICE), 1);
    String byIndex = collie("vdi track -i 1 Alice").out();
    assertThat(byIndex)
        .startsWith("Tracking the object 0015d16700000001 with 4 nodes\n")
        .contains(targets(data, 4));
    assertThat(collie("vdi track -o 15d16700000001 Alice").out()).isEqualTo(byIndex);
    assertThat(collie("vdi track -i 0x0 Alice").err())
        .isEqualTo("The inode object 0x15d167 idx 0 is not allocated\n");
    assertThat(collie("vdi track -o json Alice").out()).contains("\"epoch\" : 2");
    assertThat(Tool.dog().at(daemon).run("vdi track -o xyz Alice").code()).isEqualTo(64);
  }

  @Test
  void dfShowsWhatADeletionFrees() {
    write("Alice", "0", "a");
    write("Alice", "5M", "b");
    collie("vdi snapshot -s noon Alice");
    write("Alice", "0", "c");
    collie("vdi clone -s noon Alice Bob");
    write("Bob", "9M", "d");
    int mib4 = 4 << 20;
    // object 0: snapshot and Bob; object 1: all three; the new object 0 and Bob's are theirs alone
    assertThat(collie("vdi df -r").out().lines())
        .containsExactlyInAnyOrder(
            "s Alice 1 20971520 " + 2 * mib4 + " 0 3 noon",
            "= Alice 0 20971520 " + 2 * mib4 + " " + mib4 + " 3 ",
            "= Bob 0 20971520 " + 3 * mib4 + " " + mib4 + " 3 ");
    assertThat(collie("vdi df").out())
        .startsWith("  Name        Id    Size    Used   Freed  Copies  Tag\n")
        .contains("s Alice        1   20 MB  8.0 MB  0.0 MB       3  noon\n");
    assertThat(collie("vdi df -o json").out()).contains("\"freed\" : " + mib4);
  }

  @Test
  void anInodeFileIsDumpedWithoutADaemon() throws IOException {
    ByteBuf bytes = Unpooled.buffer();
    FakeVdis.header("Alice", ALICE, 40L << 30).withTag("t").encode(bytes);
    bytes.writeIntLE(0).writeIntLE(ALICE);
    byte[] content = new byte[bytes.readableBytes()];
    bytes.readBytes(content);
    Path file = Files.write(directory.resolve("8015d16700000000"), content);
    Result result =
        Tool.collie()
            .with("SHEEPDOG_DOG_PORT", "1")
            .run("vdi", "object", "dump-inode", file.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            name: Alice
            tag: t
            create_time: 4bdd7b1000000000
            snap_ctime: 0
            vm_clock_nsec: 0
            vdi_size: 42949672960
            vm_state_size: 0
            copy_policy: 0
            store_policy: 0
            nr_copies: 3
            block_size_shift: 22
            snap_id: 1
            vdi_id: 15d167
            parent_vdi_id: 0
            btree_counter: 0
            data_vdi_id:
            1: 15d167
            gref:
            """);
    Path shorter = Files.write(directory.resolve("x"), new byte[10]);
    assertThat(Tool.dog().run("vdi", "object", "dump-inode", shorter.toString()).err())
        .isEqualTo(shorter + " is no inode: it has only 10 bytes\n");
    assertThat(Tool.dog().run("vdi object dump-inode /nonexistent").code()).isEqualTo(2);
  }
}
