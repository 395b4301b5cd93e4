package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.STRANGER;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerCopyBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each replica copies what it has; and when it must not. */
class CopyOnWriteTest extends GatewayTest {
  private static final long SECOND = 1_000_000_000;
  private static final int OFFSET = 70_000;
  private static final int LENGTH = 512;

  /** The same block of the snapshot and of the head, and both have the same homes. */
  private ObjectId source = OLD_DATA;

  private ObjectId oid = DATA;
  private List<TestNode> homes = List.of();

  @BeforeEach
  void aSnapshotHasTheObject() {
    for (int index = 3; !homesOf(source).equals(homesOf(oid)); index++) {
      source = ObjectId.data(BASE, index);
      oid = ObjectId.data(HEAD, index);
    }
    given(source, 3);
    homes = cluster.targets(oid);
    gateway.transport.bytes = 0;
  }

  private Set<TestNode> homesOf(ObjectId object) {
    return new HashSet<>(cluster.targets(object));
  }

  private ResultCode copyOnWrite() {
    return cluster.code(gateway.copyOnWrite(oid, source, OFFSET, filled(LENGTH, 9)));
  }

  /** Writes past everybody. */
  private void behindTheBack(int home, int offset, int value) {
    ByteBuf other = cluster.buffer(filled(8, value));
    assertThat(cluster.await(homes.get(home).store.write(source, offset, other, true)))
        .isEqualTo(StoreStatus.OK);
    other.release();
  }

  private void assertCopied(byte[] expected) {
    System.arraycopy(filled(LENGTH, 9), 0, expected, OFFSET, LENGTH);
    assertThat(homes).hasSize(3);
    for (TestNode home : homes) {
      assertThat(onDisk(home, oid, 0, OBJECT)).as(home.address.toString()).isEqualTo(expected);
      assertThat(home.disk.holdsDurably(oid)).isTrue();
    }
  }

  @Test
  void onlyWhatTheClientWritesGoesOverTheWire() {
    assertThat(copyOnWrite()).isEqualTo(ResultCode.SUCCESS);
    assertCopied(filled(OBJECT, 3));
    assertThat(gateway.transport.bytes).isLessThanOrEqualTo(3L * LENGTH);
  }

  /** As a write may leave them that failed on one replica. */
  @Test
  void allReplicasGetTheSameWhereTheirSourcesDiffer() {
    behindTheBack(1, 0, 7);
    behindTheBack(2, 200_000, 8);
    byte[] read = cluster.bytes(gateway.read(source, 0, OBJECT));
    assertThat(copyOnWrite()).isEqualTo(ResultCode.SUCCESS);
    assertCopied(read);
  }

  @Test
  void aReplicaWithoutTheSourceGetsItsBytesFromAnother() {
    assertThat(cluster.await(homes.get(1).store.remove(source))).isEqualTo(StoreStatus.OK);
    assertThat(copyOnWrite()).isEqualTo(ResultCode.SUCCESS);
    assertCopied(filled(OBJECT, 3));
  }

  @Test
  void aSourceThatIsNowhereIsToldSo() {
    for (TestNode home : homes) {
      cluster.await(home.store.remove(source));
    }
    assertThat(copyOnWrite()).isEqualTo(ResultCode.NO_OBJ);
    assertThat(homes).noneMatch(home -> home.disk.holds(oid));
  }

  @Test
  void bytesThatADiskHasChangedAreCopiedByNobody() {
    cluster.complete();
    for (TestNode home : homes) {
      long version = cluster.await(home.store.digest(source)).version();
      assertThat(cluster.await(home.store.markClean(source, version))).isEqualTo(StoreStatus.OK);
    }
    assertThat(homes.get(1).disk.flip(source, 300_000)).isTrue();

    assertThat(copyOnWrite()).isEqualTo(ResultCode.SUCCESS);

    assertCopied(filled(OBJECT, 3));
    cluster.run(SECOND);
    assertThat(onDisk(homes.get(1), source, 0, OBJECT)).containsOnly(3);
  }

  @Test
  void aReplicaDoesNotCopyWhatMayBeWrittenTo() {
    ObjectAttributes attributes = new ObjectAttributes(OBJECT, 3, 0, new Epoch(1));
    ObjectId writable = ObjectId.data(STRANGER, oid.index());
    TestNode home = homes.get(0);
    cluster.await(home.store.create(writable, attributes, 0, Unpooled.EMPTY_BUFFER));
    assertThat(cluster.code(ask(STRANGER))).isEqualTo(ResultCode.STALE_OBJ);
    assertThat(cluster.code(ask(BASE))).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void aReplicaDoesNotCopyForAnEarlierEpoch() {
    CompletionStage<Reply> answer = ask(BASE);
    assertThat(answer.toCompletableFuture()).isNotDone();
    Request late = request(BASE);
    cluster.epochOf(cluster.nodes);
    assertThat(cluster.code(homes.get(0).replica.handle(late, Unpooled.EMPTY_BUFFER)))
        .isEqualTo(ResultCode.OLD_NODE_VER);
    cluster.code(answer);
  }

  private CompletionStage<Reply> ask(VdiId from) {
    return homes.get(0).replica.handle(request(from), Unpooled.EMPTY_BUFFER);
  }

  private Request request(VdiId from) {
    PeerCopyBody body = new PeerCopyBody(oid, 0, 0, from, 3, 0, TestCluster.SHIFT, false, 0);
    return Request.of(Opcode.PEER_COPY, RequestFlags.NONE, 0, body)
        .withEpoch(cluster.state().epoch());
  }
}
