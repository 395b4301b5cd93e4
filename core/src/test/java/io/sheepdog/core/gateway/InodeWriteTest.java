package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.STRANGER;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static io.sheepdog.core.gateway.TestCluster.le32;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InodeWriteTest extends GatewayTest {
  private static final int OWN = HEAD.value();
  private static final int ANCESTOR = BASE.value();

  private ResultCode index(int first, int flags, int... owners) {
    return cluster.code(
        gateway.write(INODE, InodeLayout.indexEntryOffset(first), le32(owners), flags));
  }

  private byte[] entries(int first, int count) {
    return cluster.bytes(gateway.read(INODE, InodeLayout.indexEntryOffset(first), count * 4));
  }

  @Test
  void anEntryMayBecomeTheVdisOwnAnAncestorsOrZero() {
    assertThat(index(5, 0, OWN, ANCESTOR, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(entries(5, 3)).isEqualTo(le32(OWN, ANCESTOR, 0));
    assertThat(gateway.dropped).isEmpty();
  }

  @Test
  void anEntryThatNamesAStrangerIsRefusedAndNothingChanges() {
    assertThat(index(5, 0, OWN, STRANGER.value())).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(index(5, 0, -1)).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(entries(5, 2)).isEqualTo(le32(0, 0));
  }

  /** What it names is being removed; its writer lost its lock and goes on with another one. */
  @Test
  void anEntryThatBeginsToNameADeletedAncestorIsRefused() {
    assertThat(index(4, 0, ANCESTOR)).isEqualTo(ResultCode.SUCCESS);
    for (VdiEntry.State gone : List.of(VdiEntry.State.DELETING, VdiEntry.State.TOMBSTONE)) {
      cluster.directory(d -> d.put(TestCluster.entry(BASE, gone, "", 1, VdiId.NONE)));
      assertThat(index(5, 0, ANCESTOR)).isEqualTo(ResultCode.VDI_LOCKED);
      assertThat(index(4, 0, ANCESTOR, OWN)).isEqualTo(ResultCode.SUCCESS);
      assertThat(entries(4, 2)).isEqualTo(le32(ANCESTOR, OWN));
    }
  }

  @Test
  void whoseLockCoversADeletedAncestorMayStillIndexWhatItCreatedThere() {
    gateway.lock(BASE);
    LockTable locks = cluster.state().locks();
    VdiLock lock = Objects.requireNonNull(locks.of(BASE));
    cluster.locks(locks.moveHead(lock, HEAD), new Outcome.Done());
    cluster.directory(
        d -> d.put(TestCluster.entry(BASE, VdiEntry.State.DELETING, "", 1, VdiId.NONE)));
    assertThat(index(5, 0, ANCESTOR)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void halfAnEntryIsRefused() {
    assertThat(cluster.code(gateway.write(INODE, InodeLayout.INDEX_OFFSET + 2, filled(4, 0))))
        .isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(cluster.code(gateway.write(INODE, InodeLayout.INDEX_OFFSET, filled(6, 0))))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void anEntryThatStopsNamingAnObjectIsDurableBeforeTheObjectMayGo() {
    index(5, 0, OWN, ANCESTOR, OWN);
    assertThat(index(5, RequestFlags.CACHE, 0, OWN, OWN)).isEqualTo(ResultCode.SUCCESS);

    assertThat(gateway.dropped)
        .containsExactly(
            HEAD + " dropped " + ObjectId.data(HEAD, 5),
            HEAD + " dropped " + ObjectId.data(BASE, 6));
    assertThat(cluster.targets(INODE)).noneMatch(n -> n.disk.hasUnsynced(INODE));
  }

  @Test
  void anEntryThatOnlyAppearsMayWaitForTheFlush() {
    assertThat(index(5, RequestFlags.CACHE, OWN)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.targets(INODE)).allMatch(n -> n.disk.hasUnsynced(INODE));
  }

  @Test
  void anEntryIsWrittenOnlyWhenTheObjectThatItNamesIsDurable() {
    TestNode away =
        cluster.nodes.stream()
            .filter(n -> !cluster.targets(INODE).contains(n))
            .findFirst()
            .orElseThrow();
    TestNode writer = cluster.targets(INODE).get(0);
    int number = 0;
    while (!cluster.targets(ObjectId.data(HEAD, number)).contains(away)) {
      number++;
    }
    int first = number;
    writer.transport.trouble(away, TestTransport.Trouble.SILENT);
    var create =
        writer.create(ObjectId.data(HEAD, number), 0, filled(OBJECT, 1)).toCompletableFuture();
    var entry =
        writer.write(INODE, InodeLayout.indexEntryOffset(number), le32(OWN)).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(create).isNotDone();
    assertThat(cluster.targets(INODE))
        .noneMatch(n -> n.disk.readIntLe(INODE, InodeLayout.indexEntryOffset(first)) != 0);
    assertThat(entry).isNotDone();

    writer.transport.trouble(away, TestTransport.Trouble.NONE);
    assertThat(cluster.code(create)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(entry)).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void anObjectThatIsDiscardedAndCreatedAgainAtOnceIsThereInTheEnd() {
    gateway.removesDropped = true;
    ObjectId object = ObjectId.data(HEAD, 5);
    given(object, 1);
    index(5, 0, OWN);
    var discard = gateway.write(INODE, InodeLayout.indexEntryOffset(5), le32(0));
    var create = gateway.create(object, 0, filled(8, 2));
    var write = gateway.write(object, 8, filled(8, 3));
    var entry = gateway.write(INODE, InodeLayout.indexEntryOffset(5), le32(OWN));

    assertThat(cluster.code(discard)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(create)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(write)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(entry)).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.bytes(gateway.read(object, 7, 2))).containsExactly(2, 3);
    assertThat(entries(5, 1)).isEqualTo(le32(OWN));
  }

  @Test
  void theTableOfASnapshotIsReadOnly() {
    assertThat(
            cluster.code(
                gateway.write(
                    ObjectId.inode(BASE), InodeLayout.indexEntryOffset(0), le32(ANCESTOR))))
        .isEqualTo(ResultCode.READONLY);
  }

  @Test
  void discardingAnObjectClearsItsEntry() {
    index(5, 0, OWN);
    var discard =
        gateway.send(
            TestCluster.request(
                Opcode.DISCARD_OBJ, RequestFlags.NONE, 0, ObjectId.data(HEAD, 5), 0),
            new byte[0]);

    assertThat(cluster.code(discard)).isEqualTo(ResultCode.SUCCESS);
    assertThat(entries(5, 1)).isEqualTo(le32(0));
    assertThat(gateway.dropped).hasSize(1);
  }

  @Test
  void anObjectThatIsStillNamedIsNotRemoved() {
    ObjectId object = ObjectId.data(HEAD, 5);
    given(object, 1);
    index(5, 0, OWN);
    var removal = TestCluster.request(Opcode.REMOVE_OBJ, RequestFlags.NONE, 0, object, 0);
    assertThat(cluster.code(gateway.send(removal, new byte[0])))
        .isEqualTo(ResultCode.INVALID_PARMS);

    index(5, 0, 0);
    assertThat(cluster.code(gateway.send(removal, new byte[0]))).isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.nodes).noneMatch(n -> n.disk.holds(object));
  }

  @Test
  void ofAHeaderOnlyTagVmStateAndAGrowingSizeAreTaken() {
    InodeHeader stale =
        new InodeHeader(
            "another",
            "t1",
            SheepTime.NONE,
            new SheepTime(5),
            77,
            128L * OBJECT,
            99,
            3,
            1,
            9,
            22,
            8,
            STRANGER,
            STRANGER,
            1);
    ByteBuf bytes = Unpooled.buffer(InodeLayout.HEADER_SIZE);
    stale.encode(bytes);

    assertThat(cluster.code(gateway.write(INODE, 0, ByteBufUtil.getBytes(bytes))))
        .isEqualTo(ResultCode.SUCCESS);

    assertThat(gateway.view.proposed)
        .containsExactly(new HeaderChanged(HEAD, "t1", 128L * OBJECT, false, 77, 99));
    byte[] header = cluster.bytes(gateway.read(INODE, 0, InodeLayout.HEADER_SIZE));
    assertThat(Arrays.copyOfRange(header, 0, 256)).isEqualTo(new byte[256]);
    assertThat(Arrays.copyOfRange(header, 256, 259))
        .isEqualTo("t1\0".getBytes(StandardCharsets.UTF_8));
    assertThat(Arrays.copyOfRange(header, 512, 528)).isEqualTo(new byte[16]);
    assertThat(Unpooled.wrappedBuffer(header).getLongLE(InodeLayout.VDI_SIZE))
        .isEqualTo(128L * OBJECT);
    assertThat(cluster.targets(INODE)).noneMatch(n -> n.disk.hasUnsynced(INODE));
  }

  @Test
  void aSmallerSizeIsIgnored() {
    byte[] size = le32(512, 0);

    assertThat(cluster.code(gateway.write(INODE, InodeLayout.VDI_SIZE, size)))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(gateway.view.proposed).isEmpty();
  }

  @Test
  void aSizeThatTheTableCannotHoldIsRefused() {
    assertThat(cluster.code(gateway.write(INODE, InodeLayout.VDI_SIZE, le32(0, 1 << 20))))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void theTagAloneCanBeWrittenAsDogDoes() {
    byte[] tag = Arrays.copyOf("snap".getBytes(StandardCharsets.UTF_8), 256);

    assertThat(cluster.code(gateway.write(INODE, 256, tag))).isEqualTo(ResultCode.SUCCESS);
    assertThat(gateway.view.proposed)
        .containsExactly(new HeaderChanged(HEAD, "snap", 64L * OBJECT, false, 0, 0));
  }

  @Test
  void aWholeInodeIsTakenApart() {
    byte[] inode = new byte[InodeLayout.FULL_SIZE];
    inode[256] = 'x';
    System.arraycopy(le32(OWN), 0, inode, InodeLayout.indexEntryOffset(7), 4);
    inode[InodeLayout.REFERENCE_OFFSET] = 1;

    assertThat(cluster.code(gateway.write(INODE, 0, inode))).isEqualTo(ResultCode.SUCCESS);
    assertThat(gateway.view.proposed)
        .containsExactly(new HeaderChanged(HEAD, "x", 64L * OBJECT, false, 0, 0));
    assertThat(entries(6, 3)).isEqualTo(le32(0, OWN, 0));
    assertThat(cluster.bytes(gateway.read(INODE, InodeLayout.REFERENCE_OFFSET, 8)))
        .isEqualTo(new byte[8]);
  }

  @Test
  void anInodeOfNoVdiIsNotWritten() {
    assertThat(cluster.code(gateway.write(ObjectId.inode(new VdiId(99)), 256, filled(8, 0))))
        .isEqualTo(ResultCode.NO_OBJ);
  }

  /** The next request of the same connection, counted as the dispatcher does. */
  private ResultCode next(int version, ObjectId inode, int first, int... owners) {
    gateway.session.noteRequest(false);
    byte[] bytes = le32(owners);
    return cluster.code(
        gateway.send(
            TestCluster.request(
                    Opcode.WRITE_OBJ,
                    RequestFlags.WRITE,
                    bytes.length,
                    inode,
                    InodeLayout.indexEntryOffset(first))
                .withProtocolVersion(version),
            bytes));
  }

  @Test
  void qemusClearingBeforeItDeletesASnapshotLeavesTheWorkingIndexAlone() {
    index(5, 0, OWN, OWN, OWN);
    gateway.besideTheHolder = true;

    assertThat(next(0, INODE, 5, 0, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(next(0, INODE, 7, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(entries(5, 3)).isEqualTo(le32(OWN, OWN, OWN));
    assertThat(gateway.dropped).isEmpty();
  }

  @Test
  void aDiscardIsCarriedOutEvenAsTheFirstRequestOfAConnection() {
    index(5, 0, OWN, OWN, OWN);
    gateway.besideTheHolder = true;

    assertThat(next(0, INODE, 5, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(next(0, INODE, 6, 0, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(entries(5, 3)).isEqualTo(le32(0, 0, 0));
  }

  @Test
  void aClearingByTheHolderOrByAnotherClientIsAWriteLikeAnyOther() {
    index(5, 0, OWN, OWN);

    assertThat(next(0, INODE, 5, 0, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(entries(5, 2)).isEqualTo(le32(0, 0));
  }

  @Test
  void dogsClearingOfASnapshotsIndexSucceedsWithoutEffectAndOthersAreReadOnly() {
    ObjectId snapshot = ObjectId.inode(BASE);

    assertThat(next(2, snapshot, 0, 0, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(next(2, snapshot, 0, 0, ANCESTOR)).isEqualTo(ResultCode.READONLY);
    assertThat(next(0, snapshot, 0, 0, 0)).isEqualTo(ResultCode.READONLY);
    assertThat(next(1, snapshot, 0, 0, 0)).isEqualTo(ResultCode.READONLY);
  }
}
