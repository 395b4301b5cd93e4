package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When dirty marks go (R10). */
class AgreementTest extends GatewayTest {
  private static final long SECOND = 1_000_000_000;

  /** Idle for 30 s, and a few objects at eight a second. */
  private static final long LONG_ENOUGH = 40 * SECOND;

  private List<TestNode> homes = List.of();

  @BeforeEach
  void everythingIsRecovered() {
    given(DATA, 1);
    cluster.complete();
    homes = cluster.targets(DATA);
    cluster.nodes.forEach(node -> node.replica.beginUpkeep(() -> false));
  }

  @AfterEach
  void endUpkeep() {
    cluster.nodes.forEach(node -> node.view.hasLeft = true);
  }

  private boolean isDirty(TestNode node, ObjectId oid) {
    return node.store.dirtyObjects().contains(oid);
  }

  @Test
  void objectsThatNobodyWritesToBecomeCleanOnAllHomes() {
    assertThat(homes).allMatch(home -> isDirty(home, DATA));
    cluster.run(LONG_ENOUGH);
    for (TestNode node : cluster.nodes) {
      assertThat(node.store.dirtyObjects()).isEmpty();
    }
  }

  @Test
  void anObjectThatIsWrittenToNowAndThenStaysDirty() {
    for (int i = 0; i < 4; i++) {
      assertThat(cluster.code(gateway.write(DATA, 0, filled(8, i)))).isEqualTo(ResultCode.SUCCESS);
      cluster.run(20 * SECOND);
    }
    assertThat(homes).allMatch(home -> isDirty(home, DATA));
    assertThat(isDirty(cluster.targets(INODE).get(0), INODE)).isFalse();
  }

  @Test
  void replicasThatDifferAreMadeTheSameAndThenClean() {
    ByteBuf other = cluster.buffer(filled(8, 7));
    assertThat(cluster.await(homes.get(0).store.write(DATA, 0, other, true)))
        .isEqualTo(StoreStatus.OK);
    other.release();
    cluster.run(LONG_ENOUGH);
    assertThat(homes).noneMatch(home -> isDirty(home, DATA));
    assertThat(homes).allMatch(home -> onDisk(home, DATA, 0, 8)[0] == 1);
  }

  @Test
  void replicasThatCannotBeMadeTheSameStayDirty() {
    ByteBuf other = cluster.buffer(filled(8, 7));
    assertThat(cluster.await(homes.get(0).store.write(DATA, 0, other, true)))
        .isEqualTo(StoreStatus.OK);
    other.release();
    homes.get(0).store.writes = StoreStatus.IO_ERROR;
    cluster.run(LONG_ENOUGH);
    assertThat(homes).allMatch(home -> isDirty(home, DATA));
  }

  @Test
  void aHomeThatWasWrittenToSinceItWasSummedUpKeepsItsMark() {
    TestNode home = homes.get(0);
    long version = cluster.await(home.store.digest(DATA)).version();
    ByteBuf other = cluster.buffer(filled(8, 7));
    assertThat(cluster.await(home.store.write(DATA, 0, other, true))).isEqualTo(StoreStatus.OK);
    other.release();
    assertThat(clean(home, version, home.incarnation)).isEqualTo(ResultCode.AGAIN);
    assertThat(isDirty(home, DATA)).isTrue();
  }

  @Test
  void versionsOfAnotherStartOfTheNodeMeanNothing() {
    TestNode home = homes.get(0);
    long version = cluster.await(home.store.digest(DATA)).version();
    assertThat(clean(home, version, home.incarnation + 1)).isEqualTo(ResultCode.NETWORK_ERROR);
    assertThat(clean(home, version, PeerBody.ANY_INCARNATION)).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(isDirty(home, DATA)).isTrue();
    assertThat(clean(home, version, home.incarnation)).isEqualTo(ResultCode.SUCCESS);
    assertThat(isDirty(home, DATA)).isFalse();
  }

  private @Nullable ResultCode clean(TestNode home, long version, long incarnation) {
    ByteBuf payload = Unpooled.buffer(Long.BYTES).writeLongLE(version);
    Request request =
        Request.of(
                Opcode.PEER_CLEAN,
                RequestFlags.WRITE,
                Long.BYTES,
                PeerBody.of(DATA, 0, 0).withIncarnation(incarnation))
            .withEpoch(cluster.state().epoch());
    Reply reply = cluster.await(home.replica.handle(request, payload));
    payload.release();
    return reply.header().resultCode();
  }
}
