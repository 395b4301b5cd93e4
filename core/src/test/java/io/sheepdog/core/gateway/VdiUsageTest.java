package io.sheepdog.core.gateway;

import static io.sheepdog.core.gateway.TestCluster.BASE;
import static io.sheepdog.core.gateway.TestCluster.COPIES;
import static io.sheepdog.core.gateway.TestCluster.HEAD;
import static io.sheepdog.core.gateway.TestCluster.INODE;
import static io.sheepdog.core.gateway.TestCluster.NAME;
import static io.sheepdog.core.gateway.TestCluster.SHIFT;
import static io.sheepdog.core.gateway.TestCluster.STRANGER;
import static io.sheepdog.core.gateway.TestCluster.le32;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.UsageBody;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** VDI_USAGE: what a list of VDIs shows, counted where the inodes are. */
class VdiUsageTest extends GatewayTest {
  private static final int ALL = 1 << 20;

  @BeforeEach
  void inodesSayWhatTheyAre() {
    given(header(BASE, NAME, 1, 64L << SHIFT), le32(BASE.value(), 0, BASE.value(), BASE.value()));
    given(header(HEAD, NAME, 2, 64L << SHIFT), le32(HEAD.value(), 0, BASE.value(), BASE.value()));
    given(header(STRANGER, "Bob", 1, 64L << SHIFT), le32());
  }

  private static InodeHeader header(VdiId vid, String name, int snapshotId, long size) {
    SheepTime time = new SheepTime(1L << 32);
    return new InodeHeader(
        name,
        "",
        time,
        vid.equals(BASE) ? time : SheepTime.NONE,
        0,
        size,
        0,
        0,
        0,
        COPIES,
        SHIFT,
        snapshotId,
        vid,
        vid.equals(HEAD) ? BASE : VdiId.NONE,
        0);
  }

  private void given(InodeHeader header, byte[] index) {
    ByteBuf bytes = cluster.buffer(new byte[InodeLayout.HEADER_SIZE + index.length]);
    header.encode(bytes.clear());
    bytes.writeBytes(index);
    var attributes = new ObjectAttributes(InodeLayout.FULL_SIZE, COPIES, 0, new Epoch(1));
    ObjectId inode = ObjectId.inode(header.vdiId());
    assertThat(cluster.await(gateway.gateway.create(inode, attributes, 0, bytes)))
        .isEqualTo(ResultCode.SUCCESS);
    bytes.release();
  }

  private static CompletionStage<Reply> ask(TestNode node, int from, int room) {
    return node.gateway.usages(
        Request.of(Opcode.VDI_USAGE, RequestFlags.NONE, room, new UsageBody(new VdiId(from))));
  }

  /** The whole list of a node: name, vid, own and shared objects of each. */
  private List<String> list(TestNode node) {
    Reply reply = cluster.await(ask(node, 1, ALL));
    try {
      assertThat(reply.header().resultCode()).isEqualTo(ResultCode.SUCCESS);
      assertThat(reply.header().dataLength()).isEqualTo(reply.payload().readableBytes());
      return texts(reply);
    } finally {
      reply.release();
    }
  }

  private static List<String> texts(Reply reply) {
    List<String> texts = new ArrayList<>();
    for (VdiUsage usage : VdiUsage.decodeList(reply.payload())) {
      texts.add(
          usage.inode().name()
              + " "
              + usage.inode().vdiId()
              + " "
              + usage.used()
              + " "
              + usage.shared());
    }
    return texts;
  }

  private static final List<String> FIRST = List.of("Alice 10 3 0", "Alice 20 1 2", "Bob 30 0 0");

  @Test
  void eachNodeTellsHowManyObjectsEachVdiHasAndShares() {
    for (TestNode node : cluster.nodes) {
      assertThat(list(node)).isEqualTo(FIRST);
    }
  }

  @Test
  void whatWasCountedIsNotReadAgain() {
    list(gateway);
    cluster.nodes.forEach(node -> node.store.reads = StoreStatus.IO_ERROR);

    for (TestNode node : cluster.nodes) {
      assertThat(list(node)).isEqualTo(FIRST);
    }
  }

  @Test
  void aChangeOfTheIndexThroughAnotherGatewayIsSeenAtOnce() {
    list(gateway);
    byte[] entry = le32(HEAD.value());
    for (int i = 4; i < 8; i++) {
      TestNode writer = cluster.node(i % 4);
      long offset = InodeLayout.INDEX_OFFSET + 4L * i;
      assertThat(cluster.code(writer.write(INODE, offset, entry))).isEqualTo(ResultCode.SUCCESS);

      for (TestNode node : cluster.nodes) {
        assertThat(list(node)).contains("Alice 20 " + (i - 2) + " 2");
      }
    }
  }

  @Test
  void whatTheFirstHomeCannotReadIsReadFromAnother() {
    cluster.targets(INODE).get(0).store.reads = StoreStatus.IO_ERROR;

    assertThat(list(gateway)).isEqualTo(FIRST);
  }

  @Test
  void anInodeThatNobodyCanReadIsNamed() {
    cluster.nodes.forEach(node -> node.store.reads = StoreStatus.IO_ERROR);
    Reply reply = cluster.await(ask(gateway, HEAD.value(), ALL));

    assertThat(reply.header().resultCode()).isEqualTo(ResultCode.EIO);
    assertThat(((PeerReply) reply.header().body()).aux())
        .isIn((long) HEAD.value(), (long) STRANGER.value());
    reply.release();
  }

  @Test
  void theListWaitsForAHomeThatCannotBeReachedAndGoesOnInTheNextEpoch() {
    TestNode home = cluster.targets(INODE).get(0);
    TestNode asked = cluster.nodes.stream().filter(n -> n != home).findFirst().orElseThrow();
    asked.transport.trouble(home, TestTransport.Trouble.SILENT);
    var list = ask(asked, 1, ALL).toCompletableFuture();
    cluster.run(1_000_000_000L);
    assertThat(list).isNotDone();

    asked.transport.trouble(home, TestTransport.Trouble.UNREACHABLE);
    Reply reply = cluster.await(list);
    assertThat(texts(reply)).isEqualTo(FIRST);
    reply.release();
  }

  @Test
  void aSmallRoomGivesPagesThatGoOnWhereTheLastEnded() {
    Reply first = cluster.await(ask(gateway, 1, 2 * VdiUsage.MAX_SIZE));
    assertThat(texts(first)).isEqualTo(FIRST.subList(0, 2));
    assertThat(((PeerReply) first.header().body()).aux()).isEqualTo(STRANGER.value());
    first.release();

    Reply second = cluster.await(ask(gateway, STRANGER.value(), 2 * VdiUsage.MAX_SIZE));
    assertThat(texts(second)).isEqualTo(FIRST.subList(2, 3));
    assertThat(((PeerReply) second.header().body()).aux()).isZero();
    second.release();

    assertThat(cluster.code(ask(gateway, 1, VdiUsage.MAX_SIZE - 1)))
        .isEqualTo(ResultCode.BUFFER_SMALL);
  }

  @Test
  void deletedVdisAreNotListed() {
    cluster.directory(
        d -> d.put(TestCluster.entry(BASE, VdiEntry.State.TOMBSTONE, "", 1, VdiId.NONE)));

    assertThat(list(gateway)).isEqualTo(FIRST.subList(1, 3));
  }

  @Test
  void oneWhoseInodeHasGoneAlreadyIsNoFailure() {
    given(header(BASE, "", 0, 0), le32());

    assertThat(list(gateway)).isEqualTo(FIRST.subList(1, 3));
  }

  /** Its header says more than this node's directory: so does the number of entries. */
  @Test
  void aVdiThatHasGrownIsCountedToItsEnd() {
    byte[] index = new byte[100 * 4];
    System.arraycopy(le32(HEAD.value()), 0, index, 99 * 4, 4);
    given(header(HEAD, NAME, 2, 100L << SHIFT), index);

    assertThat(list(gateway)).contains("Alice 20 1 0");
  }
}
