package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadTest extends GatewayTest {
  @Test
  void aReplicaOfThisNodeIsReadWithoutAHop() {
    given(DATA, 7);
    TestNode holder = cluster.targets(DATA).get(2);
    int before = holder.transport.sent;

    assertThat(cluster.bytes(holder.read(DATA, 100, 5))).isEqualTo(filled(5, 7));
    assertThat(holder.transport.sent).isEqualTo(before);
  }

  /** What it shows, others might never get: then the past would come back. */
  @Test
  void aReadWaitsForAWriteOfTheSameBytesThatSomeReplicasDoNotHaveYet() {
    given(DATA, 7);
    TestNode holder = cluster.targets(DATA).get(0);
    TestNode late = cluster.targets(DATA).get(1);
    holder.transport.trouble(late, TestTransport.Trouble.SILENT);
    var write = holder.write(DATA, 100, filled(10, 8)).toCompletableFuture();
    cluster.settle();
    assertThat(write).isNotDone();

    var same = holder.read(DATA, 105, 10).toCompletableFuture();
    var others = holder.read(DATA, 110, 10);
    assertThat(cluster.bytes(others)).isEqualTo(filled(10, 7));
    cluster.settle();
    assertThat(same).isNotDone();

    holder.transport.trouble(late, TestTransport.Trouble.NONE);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.bytes(same)).startsWith(filled(5, 8)).endsWith(filled(5, 7));
  }

  @Test
  void aReadThatHasWaitedDoesNotAskANodeThatHasGoneMeanwhile() {
    given(DATA, 7);
    List<TestNode> targets = cluster.targets(DATA);
    TestNode gone = targets.get(0);
    TestNode reader =
        cluster.nodes.stream().filter(n -> !targets.contains(n)).findFirst().orElseThrow();
    reader.transport.trouble(gone, TestTransport.Trouble.SILENT);
    var write = reader.write(DATA, 100, filled(10, 8)).toCompletableFuture();
    var read = reader.read(DATA, 105, 10).toCompletableFuture();
    cluster.settle();
    assertThat(read).isNotDone();

    cluster.epochOf(cluster.nodes.stream().filter(n -> n != gone).toList());

    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.bytes(read)).startsWith(filled(5, 8)).endsWith(filled(5, 7));
    reader.transport.trouble(gone, TestTransport.Trouble.NONE);
    cluster.settle();
  }

  @Test
  void aNodeWithoutAReplicaAsksOneThatHasIt() {
    given(DATA, 7);
    TestNode other =
        cluster.nodes.stream()
            .filter(n -> !cluster.targets(DATA).contains(n))
            .findFirst()
            .orElseThrow();

    assertThat(cluster.bytes(other.read(DATA, 0, OBJECT))).isEqualTo(filled(OBJECT, 7));
    assertThat(other.used).contains(HEAD);
  }

  @Test
  void aReadGoesOnToTheNextReplicaWhenADiskFails() {
    given(DATA, 7);
    TestNode holder = cluster.targets(DATA).get(0);
    holder.store.reads = StoreStatus.IO_ERROR;

    assertThat(cluster.bytes(holder.read(DATA, 0, 9))).isEqualTo(filled(9, 7));
  }

  @Test
  void aReadFailsWithEioWhenNoReplicaCanBeReadAndNotWithNoObject() {
    given(DATA, 7);
    cluster.targets(DATA).forEach(n -> n.store.reads = StoreStatus.IO_ERROR);
    cluster.targets(DATA).get(0).store.reads = StoreStatus.NO_OBJECT;

    assertThat(cluster.code(gateway.read(DATA, 0, 9))).isEqualTo(ResultCode.EIO);
  }

  @Test
  void whatNobodyHasDoesNotExist() {
    assertThat(cluster.code(gateway.read(DATA, 0, 9))).isEqualTo(ResultCode.NO_OBJ);
    assertThat(cluster.code(gateway.read(ObjectId.inode(new VdiId(99)), 0, 9)))
        .isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aReadBeyondTheEndOfAnObjectIsRefused() {
    given(DATA, 7);

    assertThat(cluster.code(gateway.read(DATA, OBJECT - 4, 5))).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(cluster.bytes(gateway.read(DATA, OBJECT - 4, 4))).isEqualTo(filled(4, 7));
  }

  @Test
  void aWholeInodeIsReadInQemusSizeAndInDogs() {
    assertThat(cluster.bytes(gateway.read(INODE, 0, InodeLayout.QEMU_SIZE)))
        .hasSize(InodeLayout.QEMU_SIZE);
    assertThat(cluster.bytes(gateway.read(INODE, 0, InodeLayout.FULL_SIZE)))
        .hasSize(InodeLayout.FULL_SIZE);
  }

  @Test
  void anEmptyInodeIsReadOfEveryVidThatIsOnlyANumber() {
    for (VdiEntry.State state :
        new VdiEntry.State[] {
          VdiEntry.State.RESERVED, VdiEntry.State.DELETING, VdiEntry.State.TOMBSTONE
        }) {
      VdiId vid = new VdiId(0x40 + state.ordinal());
      cluster.directory(d -> d.put(TestCluster.entry(vid, state, "gone", 1, VdiId.NONE)));

      assertThat(cluster.bytes(gateway.read(ObjectId.inode(vid), 0, InodeLayout.HEADER_SIZE)))
          .isEqualTo(new byte[InodeLayout.HEADER_SIZE]);
    }
  }

  @Test
  void aReadWaitsForAMemberThatCannotBeReachedRatherThanSayingThatNothingIsThere() {
    TestNode holder = cluster.targets(DATA).get(0);
    TestNode reader = cluster.nodes.stream().filter(n -> n != holder).findFirst().orElseThrow();
    reader.transport.trouble(holder, TestTransport.Trouble.UNREACHABLE);
    var read = reader.read(DATA, 0, 9).toCompletableFuture();
    cluster.run(3_000_000_000L);
    assertThat(read).isNotDone();

    reader.transport.trouble(holder, TestTransport.Trouble.NONE);
    assertThat(cluster.code(read)).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aClientThatLocksAVdiIsNotGivenAnEmptyInodeForIt() {
    gateway.lock(HEAD);
    cluster.directory(d -> d.put(TestCluster.entry(HEAD, VdiEntry.State.TOMBSTONE, "", 2, BASE)));

    assertThat(cluster.code(gateway.read(INODE, 0, InodeLayout.QEMU_SIZE)))
        .isEqualTo(ResultCode.NO_OBJ);
    assertThat(cluster.bytes(gateway.read(INODE, 0, InodeLayout.HEADER_SIZE)))
        .containsOnly((byte) 0);
  }
}
