package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code vdi list}, {@code tree}, {@code graph}, {@code object}, {@code lock}; {@code vm list}. */
@Timeout(60)
final class VdiListTest {
  private static final int ALICE = 0x15d167;

  private final FakeWorld world = new FakeWorld().node("127.0.0.1:7000", 0);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private void alice() {
    world.vdis.add(FakeVdis.header("Alice", ALICE, 40L << 30));
  }

  /** A snapshot with a tag, the working image upon it, and a clone. */
  private void snapshotAndClone() {
    world.vdis.add(inode("m1", "a", 0x509b6b, 0, 1, 60), 0x509b6b, 0x509b6b);
    world.vdis.add(inode("m1", "", 0x509b6c, 0x509b6b, 2, 0), 0x509b6c, 0x509b6b);
    world.vdis.add(inode("m2", "", 0x509d1e, 0x509b6b, 1, 0), 0x509b6b, 0x509b6b);
  }

  private static InodeHeader inode(
      String name, String tag, int vid, int parent, int id, long snapshotAfter) {
    SheepTime taken =
        snapshotAfter == 0
            ? SheepTime.NONE
            : new SheepTime(FakeVdis.GUIDE_TIME + snapshotAfter << 32);
    return new InodeHeader(
        name,
        tag,
        new SheepTime(FakeVdis.GUIDE_TIME + 300L * (id - 1) << 32),
        taken,
        0,
        32 << 20,
        0,
        0,
        0,
        2,
        22,
        id,
        new VdiId(vid),
        new VdiId(parent),
        0);
  }

  private String collie(String command) {
    return ok(Tool.collie().at(daemon).run(command));
  }

  private String dog(String command) {
    return ok(Tool.dog().at(daemon).run(command));
  }

  private static String ok(Result result) {
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }

  @Test
  void theGuidesRow() {
    alice();

    assertThat(collie("vdi list"))
        .isEqualTo(
            """
              name        id    size    used  shared    creation time  object id
            --------------------------------------------------------------------
              Alice        1   40 GB  0.0 MB  0.0 MB 2010-05-02 13:16  8015d16700000000
            """);
  }

  @Test
  void snapshotsAreMarkedAndClonesAreNotInTheGuidesTable() {
    snapshotAndClone();

    assertThat(collie("vdi list"))
        .endsWith(
            """
            s m1           1   32 MB  8.0 MB  0.0 MB 2010-05-02 13:16  80509b6b00000000
              m1           2   32 MB  4.0 MB  4.0 MB 2010-05-02 13:21  80509b6c00000000
              m2           1   32 MB  0.0 MB  8.0 MB 2010-05-02 13:16  80509d1e00000000
            """);
  }

  @Test
  void dogsTable() {
    snapshotAndClone();

    assertThat(dog("vdi list"))
        .isEqualTo(
            """
              Name        Id    Size    Used  Shared    Creation time   VDI id  Copies  Tag   Block Size Shift
            s m1           1   32 MB  8.0 MB  0.0 MB 2010-05-02 13:16   509b6b      2             a  22
              m1           0   32 MB  4.0 MB  4.0 MB 2010-05-02 13:21   509b6c      2                22
            c m2           0   32 MB  0.0 MB  8.0 MB 2010-05-02 13:16   509d1e      2                22
            """);
  }

  @Test
  void theRawRowsThatLibvirtReads() {
    snapshotAndClone();
    String rows =
        """
        s m1 1 33554432 8388608 0 1272806160 509b6b 2 a 22
        = m1 0 33554432 4194304 4194304 1272806460 509b6c 2  22
        c m2 0 33554432 0 8388608 1272806160 509d1e 2  22
        """;

    assertThat(dog("vdi list -r")).isEqualTo(rows);
    assertThat(collie("vdi list -r")).isEqualTo(rows);
  }

  @Test
  void rawNamesHaveWhiteSpaceAndBackslashesEscaped() {
    world.vdis.add(FakeVdis.header("my disk\\1\t", 5, 1 << 22));

    assertThat(dog("vdi list -r")).startsWith("= my\\ disk\\\\1\\\t 0 4194304 ");
  }

  @Test
  void namesThatAreNotAsciiAreKept() {
    world.vdis.add(FakeVdis.header("仮想ディスク", 5, 1 << 22));

    assertThat(dog("vdi list 仮想ディスク")).contains("\n  仮想ディスク       0  4.0 MB");
  }

  @Test
  void aNameSelectsAllGenerationsAndAnUnknownOneNothing() {
    snapshotAndClone();

    assertThat(dog("vdi list -r m1").lines()).hasSize(2);
    assertThat(dog("vdi list nobody").lines()).hasSize(1);
  }

  @Test
  void anObjectSelectsTheImagesThatReferToIt() {
    snapshotAndClone();

    assertThat(dog("vdi list -r -o 00509b6b00000001").lines()).hasSize(3);
    assertThat(dog("vdi list -r --oid 509b6c00000000")).startsWith("= m1 0 ").hasLineCount(1);
    Result inode = Tool.dog().at(daemon).run("vdi list -o 80509b6b00000000");
    assertThat(inode.code()).isEqualTo(1);
    assertThat(inode.out()).hasLineCount(1);
  }

  @Test
  void deletedImagesAreLeftOut() {
    alice();
    world.vdis.add(FakeVdis.header("gone", 7, 1 << 22).cleared());

    assertThat(dog("vdi list -r").lines()).hasSize(1);
  }

  @Test
  void manyImagesAreFoundByTheirBitmaps() {
    for (int vid = 1; vid <= 600; vid++) {
      InodeHeader header = FakeVdis.header("vm" + vid, vid, 1 << 22);
      world.vdis.add(vid % 100 == 0 ? header.cleared() : header);
    }
    world.vdis.lock(599, "127.0.0.1:7000");

    assertThat(dog("vdi list -r").lines()).hasSize(594);
    assertThat(collie("vm list -r").lines().filter(line -> line.endsWith(" 127.0.0.1")))
        .containsExactly("vm599 4194304 0 0 127.0.0.1");
  }

  @Test
  void anUnformattedClusterHasAnEmptyTableAndARemark() {
    world.unformatted();

    for (Profile profile : Profile.values()) {
      Result result = Tool.of(profile).at(daemon).run("vdi list");
      assertThat(result.code()).isZero();
      assertThat(result.out()).hasLineCount(profile == Profile.DOG ? 1 : 2);
      assertThat(result.err()).startsWith("The VDIs are not known yet: Waiting for ");
    }
  }

  @Test
  void listsAsJson() {
    snapshotAndClone();

    assertThat(collie("vdi list -o json").replaceAll("\\s+", ""))
        .startsWith(
            """
            [{"name":"m1","kind":"snapshot","snapshot_id":1,"tag":"a","size":33554432,\
            "used":8388608,"shared":0,"created":1272806160,"snapshot_taken":1272806220,\
            "vid":"509b6b","parent_vid":"0","object_id":"80509b6b00000000","copies":"2",\
            "block_size_shift":22},""");
  }

  @Test
  void theTreeJoinsGenerationsAndBeginsALineForAClone() {
    snapshotAndClone();

    assertThat(collie("vdi tree"))
        .isEqualTo("m1---[2010-05-02 13:16]---(You Are Here)\nm2---(You Are Here)\n");
    assertThat(dog("vdi tree"))
        .isEqualTo("m1---[2010-05-02 13:16]---(you are here)\nm2---(you are here)\n");
  }

  @Test
  void theTreeBranches() {
    world.vdis.add(inode("test", "", 10, 0, 1, 60));
    world.vdis.add(inode("test", "", 11, 10, 2, 60));
    world.vdis.add(inode("test", "", 12, 10, 3, 60));
    world.vdis.add(inode("test", "", 13, 12, 4, 0));
    world.vdis.add(inode("test", "", 14, 11, 5, 60));
    world.vdis.add(inode("test", "", 15, 11, 6, 60));

    assertThat(collie("vdi tree"))
        .isEqualTo(
            """
            test---[2010-05-02 13:16]-+-[2010-05-02 13:21]-+-[2010-05-02 13:36]
                                      |                    `-[2010-05-02 13:41]
                                      `-[2010-05-02 13:26]---(You Are Here)
            """);
  }

  @Test
  void theTreeOfALongHistoryIsDrawn() {
    for (int i = 1; i <= 3000; i++) {
      world.vdis.add(inode("long", "", i, i - 1, i, i == 3000 ? 0 : 60));
    }

    assertThat(collie("vdi tree")).endsWith("]---(You Are Here)\n").hasLineCount(1);
  }

  @Test
  void theWorkingImageIsBoldInTheTreeOnATerminal() {
    alice();

    assertThat(Tool.dog().at(daemon).onTerminal().run("vdi tree").out())
        .isEqualTo("Alice---\033[1m(you are here)\033[0m\n");
  }

  @Test
  void theGraphIsTheRecordedOne() {
    world.vdis.add(inode("m1", "a", 0x509b6b, 0, 1, 60));
    world.vdis.add(inode("m1", "", 0x509b6c, 0x509b6b, 2, 0));

    assertThat(dog("vdi graph"))
        .isEqualTo(
            """
            digraph G {
              node [shape = "box", fontname = "Courier"];

              "0" [shape = "ellipse", label = "root"];

              "0" -> "509b6b";
              "509b6b" [
                group = "m1",
                label = "Name:         m1\\nTag:           1\\nSize:      32 MB\\nDate: 2010-05-02\\nTime:   13:16:00"
              ];

              "509b6b" -> "509b6c";
              "509b6c" [
                group = "m1",
                label = "Name:         m1\\nTag:           0\\nSize:      32 MB\\nDate: 2010-05-02\\nTime:   13:21:00",
                color="red"
              ];

            }
            """);
  }

  @Test
  void vmListIsTheGuides() {
    alice();
    world.vdis.add(FakeVdis.header("Bob", 0x316b4, 2L << 30));
    world.vdis.lock(ALICE, "192.50.109.182:7000");
    String heading =
        """
        Name            |Vdi size |Allocated| Shared  | Status
        ----------------+---------+---------+---------+------------
        Bob             |   2.0 GB|   0.0 MB|   0.0 MB| not running
        """;

    assertThat(collie("vm list"))
        .isEqualTo(
            heading
                + "Alice           |    40 GB|   0.0 MB|   0.0 MB| running on 192.50.109.182\n");
    assertThat(Tool.collie().at(daemon).onTerminal().run("vm list").out())
        .endsWith(
            "\n\033[1mAlice           |    40 GB|   0.0 MB|   0.0 MB| running on 192.50.109.182\033[0m\n");
    assertThat(collie("vm list -o json").replaceAll("\\s+", ""))
        .endsWith("\"running\":true,\"gateway_host\":\"192.50.109.182\",\"gateway_port\":7000}]");
  }

  @Test
  void anImageCanBeLockedAndReleased() {
    alice();

    assertThat(collie("vdi lock Alice")).isEmpty();
    Result again = Tool.collie().at(daemon).run("vdi lock Alice");
    assertThat(again.err()).isEqualTo("Alice: VDI is already locked\n");
    assertThat(again.code()).isEqualTo(1);
    assertThat(dog("vdi lock list"))
        .isEqualTo(
            "  Name         Id  VDI id  Tag            Owner node(s)\n"
                + "  Alice         0  15d167                 IPv4 ip:127.0.0.1 port:7000\n");
    assertThat(collie("vdi release Alice")).isEmpty();
    Result twice = Tool.collie().at(daemon).run("vdi release Alice");
    assertThat(twice.err()).isEqualTo("Alice: VDI isn't locked\n");
    assertThat(twice.code()).isEqualTo(1);
    assertThat(Tool.collie().at(daemon).run("vdi release Bob").err())
        .isEqualTo("Bob: No vdi found\n");
  }

  @Test
  void theLocationOfAnInodeIsWhatTheRecordingShows() {
    world.nodes.clear();
    String node = "127.0.0.1:" + daemon.port();
    world.node(node, 0);
    world.vdis.add(inode("d1", "", 0x3bf526, 0, 1, 0));

    assertThat(collie("vdi object d1"))
        .isEqualTo(
            "Looking for the inode object 0x3bf526 with 1 nodes\n\n"
                + node
                + ": has the object (should be 2 copies)\n");
    world.vdis.add(FakeVdis.header("d1", 0x3bf526, 1 << 22).withCopies(1, 0));
    assertThat(dog("vdi object location d1"))
        .isEqualTo(
            "Looking for the inode object 0x3bf526 with 1 nodes\n\n"
                + node
                + " has the object\n\n"
                + "According to sheepdog algorithm, the object should be located at:\n"
                + node
                + "\n");
  }

  @Test
  void anImageThatIsNotThereHasNoObjects() {
    alice();
    Result collie = Tool.collie().at(daemon).run("vdi object Bob");
    Result dog = Tool.dog().at(daemon).run("vdi object location Bob");
    Result hole = Tool.dog().at(daemon).run("vdi object location Alice -i 3");

    assertThat(collie).extracting(Result::code, Result::out).containsExactly(1, "No such vdi\n");
    assertThat(dog.err())
        .isEqualTo("Failed to open VDI Bob (snapshot id: 0 snapshot tag: ): No VDI found\n");
    assertThat(hole.err()).isEqualTo("The inode object 0x15d167 idx 3 is not allocated\n");
    assertThat(hole.code()).isEqualTo(1);
  }

  @Test
  void aSnapshotIsNamedByItsNumberAfterAColon() {
    snapshotAndClone();

    for (String id : new String[] {"1", "0x1"}) {
      assertThat(Tool.collie().at(daemon).run("vdi object m1:" + id).out())
          .startsWith(
              "Looking for the inode object 0x509b6b with 1 nodes\n\n127.0.0.1:7000: cannot tell");
    }
  }

  @Test
  void theMapShowsWhoOwnsEachObject() {
    snapshotAndClone();

    assertThat(dog("vdi object map m1"))
        .isEqualTo("Index       VID\n00000000   509b6c\n00000001   509b6b\n");
  }

  @Test
  void aWaitingClusterFailsWithItsText() {
    world.status = ResultCode.WAIT_FOR_JOIN;

    assertThat(Tool.dog().at(daemon).run("vdi object location Alice").err())
        .endsWith(": Waiting for other nodes to join cluster\n");
  }

  /** Nodes of an older version, or of the original, are still there while a cluster is changed. */
  @Test
  void aDaemonThatDoesNotCountIsAskedForTheIndexes() {
    alice();
    snapshotAndClone();
    String list = collie("vdi list -r") + collie("vm list -r") + collie("vdi df -r");
    assertThat(world.requests(Opcode.READ_OBJ)).hasSizeLessThan(9);

    world.countsObjects = false;
    assertThat(collie("vdi list -r") + collie("vm list -r") + collie("vdi df -r")).isEqualTo(list);
    assertThat(list.lines()).hasSize(4 + 3 + 4);
  }

  @Test
  void theListNeedsNoIndexFromADaemonThatCounts() {
    snapshotAndClone();
    collie("vdi list");
    collie("vm list");

    assertThat(world.requests(Opcode.VDI_USAGE)).hasSize(4);
    assertThat(world.requests(Opcode.READ_OBJ)).isEmpty();
  }

  @Test
  void aVdiThatCannotBeReadIsNamed() {
    alice();
    world.unreadable(ALICE);

    Result result = Tool.collie().at(daemon).run("vdi list");
    assertThat(result.err()).contains("Failed to read inode of VDI 15d167: ");
    assertThat(result.code()).isEqualTo(1);
  }
}
