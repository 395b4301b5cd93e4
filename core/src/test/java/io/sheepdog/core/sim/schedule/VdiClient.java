package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiAttribute;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A client that does one thing after the other, through one node, and expects each to succeed. */
final class VdiClient {
  private static final long SECOND = 1_000_000_000;

  private final SimWorld world;
  private final Geometry geometry;
  private final ClientSession session;

  private VdiClient(SimWorld world) {
    this.world = world;
    this.geometry = world.shape().geometry();
    this.session = world.nodes().get(0).node().openSession("10.0.0.1");
  }

  /** The client of a cluster that is started and formatted first. */
  static VdiClient of(SimWorld world) {
    world.nodes().forEach(node -> node.node().start());
    assertThat(world.runUntil(world::allMembersSynced, 30 * SECOND)).isTrue();
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", new SplittableRandom(1)));
    var formatted = admin.format(1L << 32, world.shape().copies());
    assertThat(world.runUntil(formatted::isDone, 30 * SECOND)).isTrue();
    assertThat(world.runUntil(world::allServe, 30 * SECOND)).isTrue();
    return new VdiClient(world);
  }

  private record Answer(ResultCode code, byte[] data, VdiId vid, long attribute) {}

  private Answer ask(Opcode opcode, int flags, RequestBody body, int length, byte[] payload) {
    Answer[] answer = {null};
    ByteBuf data = Unpooled.wrappedBuffer(payload);
    world
        .nodes()
        .get(0)
        .node()
        .handle(session, Request.of(opcode, flags, length, body), data)
        .thenAccept(
            reply -> {
              VdiReply vdi =
                  reply.header().body() instanceof VdiReply named ? named : VdiReply.EMPTY;
              answer[0] =
                  new Answer(
                      Objects.requireNonNull(reply.header().resultCode()),
                      ByteBufUtil.getBytes(reply.payload()),
                      vdi.vdiId(),
                      Integer.toUnsignedLong(vdi.attributeId()));
              reply.release();
            });
    world.runUntil(() -> answer[0] != null, 60 * SECOND);
    data.release();
    assertThat(world.queue().problem()).isNull();
    assertThat(answer[0]).as("answer to %s", opcode).isNotNull();
    return answer[0];
  }

  private Answer done(Opcode opcode, int flags, RequestBody body, byte[] payload) {
    Answer answer = ask(opcode, flags | RequestFlags.WRITE, body, payload.length, payload);
    assertThat(answer.code()).as("%s %s", opcode, body).isEqualTo(ResultCode.SUCCESS);
    return answer;
  }

  private byte[] read(ObjectId oid, long offset, int length) {
    Answer answer = ask(Opcode.READ_OBJ, 0, ObjectBody.of(oid, offset), length, new byte[0]);
    assertThat(answer.code()).as("reading %s", oid).isEqualTo(ResultCode.SUCCESS);
    return answer.data();
  }

  private static byte[] nameAndTag(String name, String tag) {
    ByteBuf payload = Unpooled.buffer();
    new NameTag(name, tag).encodeNameAndTag(payload);
    return ByteBufUtil.getBytes(payload);
  }

  VdiId vid(String name, String tag) {
    return done(Opcode.GET_VDI_INFO, 0, VdiBody.lookup(0), nameAndTag(name, tag)).vid();
  }

  private void newVdi(String name, VdiId base, int snapshotId) {
    ByteBuf payload = Unpooled.buffer();
    NameTag.of(name).encodeName(payload);
    VdiBody body =
        new VdiBody(
            geometry.diskSize(),
            base,
            0,
            0,
            0,
            Geometry.OBJECT_SHIFT,
            snapshotId,
            VdiBody.LOCK_NORMAL);
    done(Opcode.NEW_VDI, 0, body, ByteBufUtil.getBytes(payload));
  }

  void create(String name) {
    newVdi(name, VdiId.NONE, 0);
  }

  void snapshot(String name, String tag) {
    VdiId head = tagged(name, tag);
    newVdi(name, head, 1);
  }

  private VdiId tagged(String name, String tag) {
    VdiId head = vid(name, "");
    byte[] field = Arrays.copyOf(tag.getBytes(StandardCharsets.US_ASCII), Limits.TAG_SIZE);
    done(Opcode.WRITE_OBJ, 0, ObjectBody.of(ObjectId.inode(head), InodeLayout.TAG), field);
    return head;
  }

  void cloneVdi(String name, String tag, String newName) {
    newVdi(newName, vid(name, tag), 0);
  }

  /** What it was until now stays as a snapshot with the other tag. */
  void rollback(String name, String tag, String safetyTag) {
    VdiId base = vid(name, tag);
    tagged(name, safetyTag);
    newVdi(name, base, 1);
  }

  void delete(String name, String tag) {
    done(Opcode.DEL_VDI, 0, VdiBody.lookup(0), nameAndTag(name, tag));
  }

  private int[] index(VdiId vid) {
    byte[] bytes =
        read(ObjectId.inode(vid), InodeLayout.INDEX_OFFSET, geometry.objects() * Integer.BYTES);
    int[] owners = new int[geometry.objects()];
    for (int i = 0; i < owners.length; i++) {
      owners[i] = Unpooled.wrappedBuffer(bytes).getIntLE(i * Integer.BYTES);
    }
    return owners;
  }

  void write(String name, int block, long value) {
    VdiId head = vid(name, "");
    int object = geometry.objectOf(block);
    int owner = index(head)[object];
    ObjectBody body = ObjectBody.of(ObjectId.data(head, object), geometry.offsetOf(block));
    byte[] bytes = geometry.fill(value);
    if (owner == head.value()) {
      done(Opcode.WRITE_OBJ, 0, body, bytes);
      return;
    }
    if (owner == 0) {
      done(Opcode.CREATE_AND_WRITE_OBJ, 0, body, bytes);
    } else {
      ObjectId source = ObjectId.data(new VdiId(owner), object);
      done(Opcode.CREATE_AND_WRITE_OBJ, RequestFlags.COW, body.withCowOid(source), bytes);
    }
    name(head, object, head.value());
  }

  /** Gives an object back; it reads as zeros then. */
  void discard(String name, int object) {
    name(vid(name, ""), object, 0);
  }

  private void name(VdiId head, int object, int owner) {
    byte[] entry = ByteBufUtil.getBytes(Unpooled.buffer(Integer.BYTES).writeIntLE(owner));
    done(
        Opcode.WRITE_OBJ,
        0,
        ObjectBody.of(ObjectId.inode(head), InodeLayout.indexEntryOffset(object)),
        entry);
  }

  /** The value of each block. */
  long[] contents(String name, String tag) {
    VdiId vid = vid(name, tag);
    int[] owners = index(vid);
    long[] values = new long[geometry.blocks()];
    for (int block = 0; block < values.length; block++) {
      int owner = owners[geometry.objectOf(block)];
      if (owner != 0) {
        byte[] bytes =
            read(
                ObjectId.data(new VdiId(owner), geometry.objectOf(block)),
                geometry.offsetOf(block),
                geometry.blockSize());
        values[block] = Geometry.valueOf(bytes, 0, bytes.length);
      }
    }
    return values;
  }

  void setAttribute(String name, String key, String value) {
    byte[] bytes = attribute(name, key, value);
    done(Opcode.GET_VDI_ATTR, RequestFlags.CREAT, VdiBody.lookup(0), bytes);
  }

  /** Null if there is none. */
  @Nullable String attribute(String name, String key) {
    byte[] asked = attribute(name, key, "");
    Answer found =
        ask(Opcode.GET_VDI_ATTR, RequestFlags.WRITE, VdiBody.lookup(0), asked.length, asked);
    if (found.code() == ResultCode.NO_OBJ) {
      return null;
    }
    assertThat(found.code()).isEqualTo(ResultCode.SUCCESS);
    byte[] bytes = read(ObjectId.attribute(found.vid(), found.attribute()), 0, VdiAttribute.SIZE);
    return new String(
        VdiAttribute.decode(Unpooled.wrappedBuffer(bytes)).value(), StandardCharsets.UTF_8);
  }

  private static byte[] attribute(String name, String key, String value) {
    ByteBuf payload = Unpooled.buffer();
    new VdiAttribute(name, "", SheepTime.NONE, 0, key, value.getBytes(StandardCharsets.UTF_8))
        .encode(payload);
    return ByteBufUtil.getBytes(payload);
  }
}
