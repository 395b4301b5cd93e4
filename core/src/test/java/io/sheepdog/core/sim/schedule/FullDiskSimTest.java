package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreContents.Room;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.payload.NameTag;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * P7: a full disk answers at once, keeps nobody waiting, and can be emptied. Three nodes, three
 * copies, first nothing but the reserve left, then not even that.
 */
@Timeout(120)
class FullDiskSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final VdiId ALICE = VdiId.hashOf("Alice");
  private static final VdiId BOB = VdiId.hashOf("Bob");
  private static final VdiId MORE = VdiId.hashOf("More");
  private static final byte[] BLOCK = new Geometry(4, 1, 4096).fill(7);

  private final SimWorld world =
      new SimWorld(
          new SplittableRandom(3),
          new WorldShape(3, 3, new Geometry(4, 1, 4096)),
          Mistake.NONE,
          false);
  private final ClientSession client = world.nodes().get(0).node().openSession("10.0.0.1");

  @ParameterizedTest
  @EnumSource(
      value = Room.class,
      names = {"RESERVE", "NONE"})
  void creationsAreRefusedAtOnceAndNobodyWaits(Room left) {
    startWithAliceAndBob();
    give(left);

    assertThat(create("More", VdiId.NONE, 0)).isEqualTo(ResultCode.NO_SPACE);
    assertThat(create("Alice", ALICE, 1)).isEqualTo(ResultCode.NO_SPACE);

    assertThat(writeData(ALICE, 0, Opcode.WRITE_OBJ)).isEqualTo(ResultCode.SUCCESS);
    assertThat(writeData(ALICE, 1, Opcode.CREATE_AND_WRITE_OBJ)).isEqualTo(ResultCode.NO_SPACE);
    assertThat(lookup("Alice")).isEqualTo(ResultCode.SUCCESS);
    assertThat(lookup("More")).isEqualTo(ResultCode.NO_VDI);
  }

  @ParameterizedTest
  @EnumSource(
      value = Room.class,
      names = {"RESERVE", "NONE"})
  void deletingGivesTheSpaceBack(Room left) {
    startWithAliceAndBob();
    give(left);

    assertThat(ask(named(Opcode.DEL_VDI, "Bob"))).isEqualTo(ResultCode.SUCCESS);

    assertThat(lookup("Bob")).isEqualTo(ResultCode.NO_VDI);
    assertThat(world.runUntil(() -> nobodyHolds(ObjectId.data(BOB, 0)), 10 * SECOND)).isTrue();
    world.runFor(SECOND);
    for (SimNode node : world.nodes()) {
      StoreContents disk = node.disk().contents();
      assertThat(disk.readIntLe(ObjectId.inode(BOB), 0)).as("the name is gone").isZero();
      assertThat(disk.readIntLe(ObjectId.inode(BOB), InodeLayout.VDI_SIZE)).isZero();
    }
    assertThat(writeData(ALICE, 0, Opcode.WRITE_OBJ)).isEqualTo(ResultCode.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Room.class,
      names = {"RESERVE", "NONE"})
  void withRoomAgainEverythingGoesOnAndTheUsedNumberStaysUsed(Room left) {
    startWithAliceAndBob();
    give(left);
    create("More", VdiId.NONE, 0);
    assertThat(readName(MORE)).isEqualTo(ResultCode.SUCCESS);
    give(Room.PLENTY);

    assertThat(create("More", VdiId.NONE, 0)).isEqualTo(ResultCode.SUCCESS);
    assertThat(world.nodes().get(0).node().agent().state().directory().head("More"))
        .satisfies(head -> assertThat(head.vid()).isEqualTo(MORE.next()));
    assertThat(create("Alice", ALICE, 1)).isEqualTo(ResultCode.SUCCESS);
    world.runFor(30 * SECOND);
    for (SimNode node : world.nodes()) {
      assertThat(node.disk().contents().holdsDurably(ObjectId.inode(MORE)))
          .as("tombstone on %s", node)
          .isTrue();
    }
  }

  /** One of three disks is full: the others must not keep what the client was told is not there. */
  @ParameterizedTest
  @EnumSource(
      value = Room.class,
      names = {"RESERVE", "NONE"})
  void anInodeThatFitsOnSomeDisksOnlyIsTakenBack(Room left) {
    startWithAliceAndBob();
    world.nodes().get(2).disk().contents().setRoom(left);

    assertThat(create("More", VdiId.NONE, 0)).isEqualTo(ResultCode.NO_SPACE);

    assertThat(world.runUntil(() -> nobodyHolds(ObjectId.inode(MORE)), 10 * SECOND)).isTrue();
  }

  /**
   * R16: one of three disks has no room for a write into a hole. The client is told, and soon the
   * write is nowhere; what the other disks have room for is read and written as before.
   */
  @Test
  void aWriteThatFitsOnSomeDisksOnlyEndsTheSameEverywhere() {
    startWithAliceAndBob();
    ObjectId oid = ObjectId.data(ALICE, 0);
    world.nodes().get(2).disk().contents().setRoom(Room.NONE);

    assertThat(write(Opcode.WRITE_OBJ, oid, 8L * BLOCK.length, BLOCK))
        .isEqualTo(ResultCode.NO_SPACE);

    assertThat(world.runUntil(() -> isSameEverywhere(oid), 5 * SECOND)).isTrue();
    world.runFor(SECOND);
    for (SimNode node : world.nodes()) {
      assertThat(node.disk().contents().readIntLe(oid, 8L * BLOCK.length)).isZero();
    }
    assertThat(isSameEverywhere(oid)).isTrue();
    assertThat(writeData(ALICE, 0, Opcode.WRITE_OBJ)).isEqualTo(ResultCode.SUCCESS);
  }

  private boolean isSameEverywhere(ObjectId oid) {
    StoreContents first = world.nodes().get(0).disk().contents();
    return world.nodes().stream().allMatch(node -> node.disk().contents().sameAs(first, oid));
  }

  private void startWithAliceAndBob() {
    world.nodes().forEach(node -> node.node().start());
    assertThat(world.runUntil(world::allMembersSynced, 30 * SECOND)).isTrue();
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", new SplittableRandom(1)));
    boolean[] formatted = {false};
    admin.format(1L << 32, 3).thenAccept(ok -> formatted[0] = ok);
    assertThat(world.runUntil(() -> formatted[0], 30 * SECOND)).isTrue();
    assertThat(world.runUntil(world::allServe, 30 * SECOND)).isTrue();
    for (String name : new String[] {"Alice", "Bob"}) {
      VdiId vid = VdiId.hashOf(name);
      assertThat(create(name, VdiId.NONE, 0)).isEqualTo(ResultCode.SUCCESS);
      assertThat(writeData(vid, 0, Opcode.CREATE_AND_WRITE_OBJ)).isEqualTo(ResultCode.SUCCESS);
      ByteBuf entry = Unpooled.buffer().writeIntLE(vid.value());
      assertThat(
              write(Opcode.WRITE_OBJ, ObjectId.inode(vid), InodeLayout.INDEX_OFFSET, bytes(entry)))
          .isEqualTo(ResultCode.SUCCESS);
    }
  }

  private void give(Room room) {
    world.nodes().forEach(node -> node.disk().contents().setRoom(room));
  }

  private boolean nobodyHolds(ObjectId oid) {
    return world.nodes().stream().noneMatch(node -> node.disk().contents().holds(oid));
  }

  private ResultCode create(String name, VdiId base, int snapshotId) {
    ByteBuf payload = Unpooled.buffer();
    NameTag.of(name).encodeName(payload);
    byte[] bytes = bytes(payload);
    VdiBody body =
        new VdiBody(
            4L << Geometry.OBJECT_SHIFT,
            base,
            0,
            0,
            0,
            Geometry.OBJECT_SHIFT,
            snapshotId,
            VdiBody.LOCK_NORMAL);
    return ask(Request.of(Opcode.NEW_VDI, RequestFlags.WRITE, bytes.length, body), bytes);
  }

  private ResultCode lookup(String name) {
    return ask(named(Opcode.GET_VDI_INFO, name));
  }

  private record Named(Request request, byte[] payload) {}

  private static Named named(Opcode opcode, String name) {
    ByteBuf payload = Unpooled.buffer();
    new NameTag(name, "").encodeNameAndTag(payload);
    byte[] bytes = bytes(payload);
    return new Named(
        Request.of(opcode, RequestFlags.WRITE, bytes.length, VdiBody.lookup(0)), bytes);
  }

  private ResultCode ask(Named named) {
    return ask(named.request(), named.payload());
  }

  private ResultCode writeData(VdiId vid, long index, Opcode opcode) {
    return write(opcode, ObjectId.data(vid, index), 0, BLOCK);
  }

  private ResultCode write(Opcode opcode, ObjectId oid, long offset, byte[] data) {
    Request request =
        Request.of(opcode, RequestFlags.WRITE, data.length, ObjectBody.of(oid, offset));
    return ask(request, data);
  }

  private ResultCode readName(VdiId vid) {
    Request request =
        Request.of(Opcode.READ_OBJ, RequestFlags.NONE, 512, ObjectBody.of(ObjectId.inode(vid), 0));
    return ask(request, new byte[0]);
  }

  /** The answer; it must come within a second. */
  private ResultCode ask(Request request, byte[] payload) {
    ResultCode[] code = {null};
    ByteBuf data = Unpooled.wrappedBuffer(payload);
    world
        .nodes()
        .get(0)
        .node()
        .handle(client, request, data)
        .thenAccept(
            reply -> {
              code[0] = reply.header().resultCode();
              reply.release();
            });
    world.runUntil(() -> code[0] != null, SECOND);
    data.release();
    assertThat(world.queue().problem()).isNull();
    assertThat(code[0]).as("%s is answered at once", request).isNotNull();
    return code[0];
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = ByteBufUtil.getBytes(buffer);
    buffer.release();
    return bytes;
  }
}
