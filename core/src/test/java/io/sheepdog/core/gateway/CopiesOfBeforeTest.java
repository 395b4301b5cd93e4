package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.COPIES;
import static io.sheepdog.core.gateway.TestCluster.OBJECT;
import static io.sheepdog.core.gateway.TestCluster.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies that were good in an earlier epoch: who hears of them, and when they go. */
class CopiesOfBeforeTest extends GatewayTest {
  private static final ObjectId BEGINNING = new ObjectId(0);

  private TestNode other() {
    return cluster.targets(DATA).stream().filter(n -> n != gateway).findFirst().orElseThrow();
  }

  private List<TestNode> without(TestNode lost) {
    List<TestNode> rest = new ArrayList<>(cluster.nodes);
    rest.remove(lost);
    return rest;
  }

  /**
   * The objects that a node names behind {@code after}, and whether it says that there are more.
   */
  private List<ObjectId> list(TestNode node, ObjectId after, int room, boolean more) {
    Request request =
        Request.of(
                Opcode.PEER_OBJECTS, RequestFlags.NONE, room * Long.BYTES, PeerBody.of(after, 0, 0))
            .withEpoch(cluster.state().epoch());
    Reply reply = cluster.await(node.replica.handle(request, Unpooled.EMPTY_BUFFER));
    assertThat(reply.header().resultCode()).isEqualTo(ResultCode.SUCCESS);
    assertThat(((PeerReply) reply.header().body()).aux()).isEqualTo(more ? 1 : 0);
    List<ObjectId> objects = new ArrayList<>();
    ByteBuf ids = reply.payload();
    while (ids.isReadable()) {
      objects.add(new ObjectId(ids.readLongLE()));
    }
    reply.release();
    return objects;
  }

  private void plantCopyOfEpochOne(TestNode node) {
    ObjectAttributes attributes = new ObjectAttributes(OBJECT, COPIES, 0, new Epoch(1));
    ByteBuf bytes = cluster.buffer(filled(8, 7));
    assertThat(cluster.await(node.store.create(DATA, attributes, 0, bytes)))
        .isEqualTo(StoreStatus.OK);
    bytes.release();
    assertThat(cluster.await(node.store.setAside(DATA, new Epoch(1)))).isEqualTo(StoreStatus.OK);
  }

  @Test
  void aRemovalTakesTheCopiesWithItThatWereSetAside() {
    given(DATA, 1);
    TestNode away = other();
    cluster.epochOf(without(away));
    assertThat(cluster.code(gateway.write(DATA, 0, filled(8, 2)))).isEqualTo(ResultCode.SUCCESS);
    cluster.epochOf(cluster.nodes);
    assertThat(cluster.bytes(away.read(DATA, 0, 8))).isEqualTo(filled(8, 2));
    assertThat(away.store.epochsSetAside(DATA)).containsExactly(new Epoch(1));

    assertThat(cluster.await(gateway.gateway.remove(DATA))).isEqualTo(ResultCode.SUCCESS);

    for (TestNode node : cluster.nodes) {
      assertThat(node.store.holds(DATA)).isFalse();
      assertThat(node.store.epochsSetAside(DATA)).isEmpty();
    }
  }

  @Test
  void aCopyThatNobodyHasChangedSinceIsTakenBackAsItIs() {
    given(DATA, 1);
    TestNode away = other();
    cluster.epochOf(without(away));
    cluster.epochOf(cluster.nodes);

    assertThat(cluster.await(away.replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);

    assertThat(away.store.holds(DATA)).isTrue();
    assertThat(away.replica.bytesFetched()).isZero();
    assertThat(away.store.epochsSetAside(DATA)).isEmpty();
    assertThat(onDisk(away, DATA, 0, OBJECT)).containsOnly(1);
    assertThat(cluster.await(away.store.attributes(DATA)).attributes().epoch())
        .isEqualTo(cluster.state().epoch());
  }

  @Test
  void ofACopyThatHasChangedOnlyTheBlocksThatDifferAreFetched() {
    given(DATA, 1);
    TestNode away = other();
    cluster.epochOf(without(away));
    int block = (int) ObjectDigest.blockSize(OBJECT);
    int change = 3 * block - 4;
    assertThat(cluster.code(gateway.write(DATA, change, filled(8, 2))))
        .isEqualTo(ResultCode.SUCCESS);
    assertThat(cluster.code(gateway.write(DATA, OBJECT - 8, filled(8, 3))))
        .isEqualTo(ResultCode.SUCCESS);
    cluster.epochOf(cluster.nodes);

    assertThat(cluster.await(away.replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);

    assertThat(away.replica.bytesFetched()).isEqualTo(3L * block);
    assertThat(onDisk(away, DATA, 0, change)).containsOnly(1);
    assertThat(onDisk(away, DATA, change, 8)).containsOnly(2);
    assertThat(onDisk(away, DATA, change + 8, OBJECT - change - 16)).containsOnly(1);
    assertThat(onDisk(away, DATA, OBJECT - 8, 8)).containsOnly(3);
  }

  @Test
  void anObjectThatOnlyCopiesOfBeforeTheCompleteEpochKnowDoesNotExist() {
    given(DATA, 1);
    TestNode away = other();
    cluster.epochOf(without(away));
    cluster.complete();
    assertThat(cluster.await(gateway.gateway.remove(DATA))).isEqualTo(ResultCode.SUCCESS);
    cluster.epochOf(cluster.nodes);
    assertThat(away.store.holds(DATA)).isTrue();

    assertThat(cluster.code(gateway.read(DATA, 0, 8))).isEqualTo(ResultCode.NO_OBJ);
    assertThat(cluster.code(away.read(DATA, 0, 8))).isEqualTo(ResultCode.NO_OBJ);
  }

  @Test
  void aNodeNamesCopiesThatWereSetAsideUntilALaterEpochIsComplete() {
    TestNode node = other();
    plantCopyOfEpochOne(node);
    cluster.epochOf(cluster.nodes);
    assertThat(list(node, BEGINNING, 100, false)).contains(DATA);
    cluster.complete();
    assertThat(list(node, BEGINNING, 100, false)).doesNotContain(DATA);
  }

  @Test
  void aLongListComesInPages() {
    given(DATA, 1);
    TestNode node = other();
    List<ObjectId> all = list(node, BEGINNING, 100, false);
    assertThat(all).isSorted().contains(DATA);
    List<ObjectId> pages = new ArrayList<>();
    for (ObjectId after = BEGINNING; pages.size() < all.size(); ) {
      boolean more = pages.size() + 1 < all.size();
      List<ObjectId> page = list(node, after, 1, more);
      assertThat(page).hasSize(1);
      after = page.get(0);
      pages.add(after);
    }
    assertThat(pages).isEqualTo(all);
  }

  @Test
  void anObjectThatWasRemovedInThisEpochIsNotBroughtBackFromACopyOfBefore() {
    given(DATA, 1);
    cluster.epochOf(cluster.nodes);
    List<TestNode> homes = cluster.targets(DATA);
    assertThat(cluster.await(gateway.gateway.remove(DATA))).isEqualTo(ResultCode.SUCCESS);
    plantCopyOfEpochOne(homes.get(1));

    assertThat(cluster.await(homes.get(0).replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);
    assertThat(homes.get(0).store.holds(DATA)).isFalse();
  }

  @Test
  void anObjectThatBelongsHereIsBroughtFromACopyThatWasSetAside() {
    TestNode home = cluster.targets(DATA).get(0);
    plantCopyOfEpochOne(cluster.targets(DATA).get(1));
    cluster.epochOf(cluster.nodes);

    assertThat(cluster.await(home.replica.bring(DATA))).isEqualTo(ResultCode.SUCCESS);
    assertThat(onDisk(home, DATA, 0, 9)).startsWith(7).endsWith(0);
  }
}
