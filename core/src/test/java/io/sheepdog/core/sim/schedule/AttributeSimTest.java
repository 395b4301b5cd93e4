package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiAttribute;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attributes of VDIs, asked for at every node of three. */
@Timeout(120)
class AttributeSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final int SET = RequestFlags.CREAT;
  private static final int SET_IF_ABSENT = RequestFlags.CREAT | RequestFlags.EXCL;
  private static final int DELETE = RequestFlags.DEL;
  private static final int GET = RequestFlags.NONE;

  private SplittableRandom random = new SplittableRandom(1);
  private SimWorld world = newWorld();

  private SimWorld newWorld() {
    return new SimWorld(
        random.split(), new WorldShape(3, 3, new Geometry(4, 1, 4096)), Mistake.NONE, false);
  }

  /** An answer that may not be there yet. */
  private static final class Pending {
    @Nullable ResultCode code;

    @Nullable ResultCode code() {
      return code;
    }

    @Nullable ObjectId slot;
    byte[] data = new byte[0];
  }

  private void start() {
    world.nodes().forEach(node -> node.node().start());
    until(world::allMembersSynced);
    SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
    var formatted = admin.format(1L << 32, 3);
    until(formatted::isDone);
    until(world::allServe);
    create("Alice", VdiId.NONE, 0);
  }

  private void until(BooleanSupplier condition) {
    assertThat(world.runUntil(condition, 60 * SECOND)).isTrue();
    assertThat(world.queue().problem()).isNull();
  }

  private void create(String name, VdiId base, int snapshotId) {
    ByteBuf payload = Unpooled.buffer();
    NameTag.of(name).encodeName(payload);
    VdiBody body =
        new VdiBody(
            4L << Geometry.OBJECT_SHIFT, base, 0, 0, 0, Geometry.OBJECT_SHIFT, snapshotId, 0);
    assertThat(finished(ask(0, Opcode.NEW_VDI, RequestFlags.WRITE, body, payload)))
        .isEqualTo(ResultCode.SUCCESS);
    // it was answered when a majority knew
    until(
        () ->
            world.nodes().stream()
                .allMatch(n -> n.node().agent().state().directory().head(name) != null));
  }

  private void delete(String name, int snapshotId) {
    ByteBuf payload = Unpooled.buffer();
    new NameTag(name, "").encodeNameAndTag(payload);
    assertThat(
            finished(
                ask(1, Opcode.DEL_VDI, RequestFlags.WRITE, VdiBody.lookup(snapshotId), payload)))
        .isEqualTo(ResultCode.SUCCESS);
    // it was answered when a majority knew
    until(
        () ->
            world.living().stream()
                    .mapToLong(n -> n.node().agent().state().sequence())
                    .distinct()
                    .count()
                == 1);
  }

  private ResultCode finished(Pending pending) {
    until(() -> pending.code != null);
    return Objects.requireNonNull(pending.code);
  }

  private Pending ask(int node, Opcode opcode, int flags, RequestBody body, ByteBuf payload) {
    return send(node, Request.of(opcode, flags, payload.readableBytes(), body), payload);
  }

  private Pending send(int node, Request request, ByteBuf payload) {
    Pending pending = new Pending();
    SimNode to = world.nodes().get(node);
    to.process()
        .execute(
            () -> {
              ClientSession session = to.node().openSession("10.0.0.1");
              to.node()
                  .handle(session, request, payload)
                  .thenAccept(reply -> answered(pending, reply))
                  .thenRun(session::close);
            });
    return pending;
  }

  private static void answered(Pending pending, Reply reply) {
    pending.data = ByteBufUtil.getBytes(reply.payload());
    pending.code = reply.header().resultCode();
    if (reply.header().body() instanceof VdiReply vdi && !vdi.vdiId().isNone()) {
      pending.slot = ObjectId.attribute(vdi.vdiId(), Integer.toUnsignedLong(vdi.attributeId()));
    }
    reply.release();
  }

  private Pending begin(int node, int flags, String name, String key, String value) {
    ByteBuf payload = Unpooled.buffer();
    new VdiAttribute(name, "", SheepTime.NONE, 0, key, value.getBytes(StandardCharsets.UTF_8))
        .encode(payload);
    return ask(node, Opcode.GET_VDI_ATTR, flags | RequestFlags.WRITE, VdiBody.lookup(0), payload);
  }

  private ResultCode attribute(int node, int flags, String name, String key, String value) {
    return finished(begin(node, flags, name, key, value));
  }

  /** As the tools do it: where is it, and what is there. */
  private String value(int node, String name, String key) {
    Pending found = begin(node, GET, name, key, "");
    if (finished(found) != ResultCode.SUCCESS) {
      return finished(found).name();
    }
    Pending read =
        send(
            node,
            Request.of(
                Opcode.READ_OBJ,
                RequestFlags.NONE,
                VdiAttribute.SIZE,
                ObjectBody.of(Objects.requireNonNull(found.slot), 0)),
            Unpooled.EMPTY_BUFFER);
    assertThat(finished(read)).isEqualTo(ResultCode.SUCCESS);
    VdiAttribute attribute = VdiAttribute.decode(Unpooled.wrappedBuffer(read.data));
    assertThat(attribute.name()).isEqualTo(name);
    assertThat(attribute.key()).isEqualTo(key);
    return new String(attribute.value(), StandardCharsets.UTF_8);
  }

  private boolean nobodyHoldsAnyOf(String name) {
    long first = VdiId.hashOf(name).value();
    return world.nodes().stream()
        .allMatch(
            node ->
                node.disk().contents().objects().stream()
                    .noneMatch(
                        oid -> oid.vid().value() == first && oid.kind() == ObjectKind.ATTRIBUTE));
  }

  @Test
  void whatOneNodeSetsEveryNodeFindsChangesAndDeletes() {
    start();
    assertThat(attribute(1, GET, "Alice", "owner", "")).isEqualTo(ResultCode.NO_OBJ);
    assertThat(attribute(1, SET, "Alice", "owner", "me")).isEqualTo(ResultCode.SUCCESS);
    for (int node = 0; node < 3; node++) {
      assertThat(value(node, "Alice", "owner")).isEqualTo("me");
    }
    assertThat(attribute(2, SET, "Alice", "owner", "you")).isEqualTo(ResultCode.SUCCESS);
    assertThat(value(0, "Alice", "owner")).isEqualTo("you");
    assertThat(attribute(0, SET_IF_ABSENT, "Alice", "owner", "x")).isEqualTo(ResultCode.VDI_EXIST);
    assertThat(attribute(1, DELETE, "Alice", "owner", "")).isEqualTo(ResultCode.SUCCESS);
    assertThat(attribute(1, DELETE, "Alice", "owner", "")).isEqualTo(ResultCode.NO_OBJ);
    assertThat(value(2, "Alice", "owner")).isEqualTo("NO_OBJ");
    assertThat(nobodyHoldsAnyOf("Alice")).isTrue();
    assertThat(attribute(2, SET_IF_ABSENT, "Alice", "owner", "z")).isEqualTo(ResultCode.SUCCESS);
  }

  @Test
  void badRequestsAreRefused() {
    start();
    assertThat(attribute(1, SET, "Bob", "k", "v")).isEqualTo(ResultCode.NO_VDI);
    assertThat(attribute(1, SET, "Alice", "", "v")).isEqualTo(ResultCode.INVALID_PARMS);
    assertThat(
            finished(
                ask(
                    1,
                    Opcode.GET_VDI_ATTR,
                    RequestFlags.WRITE,
                    VdiBody.lookup(0),
                    Unpooled.wrappedBuffer(new byte[100]))))
        .isEqualTo(ResultCode.INVALID_PARMS);
  }

  @Test
  void attributesSurviveSnapshotsAndGoWithTheLastOfTheName() {
    start();
    create("Bob", VdiId.NONE, 0);
    attribute(1, SET, "Alice", "a", "1");
    attribute(2, SET, "Alice", "b", "2");
    attribute(2, SET, "Bob", "a", "3");
    create("Alice", VdiId.hashOf("Alice"), 1);
    delete("Alice", 0);
    assertThat(value(0, "Alice", "a")).isEqualTo("NO_VDI");
    world.runFor(5 * SECOND);
    assertThat(nobodyHoldsAnyOf("Alice")).as("a snapshot is left").isFalse();
    delete("Alice", 1);
    create("Alice", VdiId.NONE, 0);
    assertThat(value(1, "Alice", "a")).isEqualTo("NO_OBJ");
    assertThat(attribute(2, SET_IF_ABSENT, "Alice", "b", "4")).isEqualTo(ResultCode.SUCCESS);
    assertThat(value(0, "Bob", "a")).isEqualTo("3");
    delete("Alice", 0);
    delete("Bob", 0);
    until(() -> nobodyHoldsAnyOf("Alice") && nobodyHoldsAnyOf("Bob"));
  }

  @Test
  void keysOfTheSameHashAreToldApart() {
    start();
    Map<Integer, String> keys = new HashMap<>();
    List<String> same = new ArrayList<>();
    for (int i = 0; same.isEmpty(); i++) {
      String key = "key" + i;
      int id = new VdiAttribute("Alice", "", SheepTime.NONE, 0, key, new byte[0]).attributeId();
      String other = keys.put(id, key);
      if (other != null) {
        same.addAll(List.of(other, key));
      }
    }
    String first = same.get(0);
    String second = same.get(1);
    attribute(0, SET, "Alice", first, "1");
    assertThat(attribute(1, SET_IF_ABSENT, "Alice", second, "2")).isEqualTo(ResultCode.SUCCESS);
    assertThat(value(2, "Alice", first)).isEqualTo("1");
    assertThat(value(2, "Alice", second)).isEqualTo("2");
    attribute(1, DELETE, "Alice", first, "");
    assertThat(value(0, "Alice", first)).isEqualTo("NO_OBJ");
    assertThat(value(0, "Alice", second)).isEqualTo("2");
    assertThat(attribute(1, SET, "Alice", first, "3")).isEqualTo(ResultCode.SUCCESS);
    assertThat(value(0, "Alice", second)).isEqualTo("2");
    delete("Alice", 0);
    until(() -> nobodyHoldsAnyOf("Alice"));
  }

  @Test
  void ofManyThatSetItIfItIsAbsentOneSucceeds() {
    start();
    List<Pending> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(begin(i % 3, SET_IF_ABSENT, "Alice", "lock", "client" + i));
    }
    until(() -> all.stream().allMatch(p -> p.code != null));
    assertThat(all).filteredOn(p -> p.code == ResultCode.SUCCESS).hasSize(1);
    assertThat(all).filteredOn(p -> p.code == ResultCode.VDI_EXIST).hasSize(11);
    int winner = indexOfWinner(all);
    for (int node = 0; node < 3; node++) {
      assertThat(value(node, "Alice", "lock")).isEqualTo("client" + winner);
    }
  }

  private static int indexOfWinner(List<Pending> all) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).code == ResultCode.SUCCESS) {
        return i;
      }
    }
    return -1;
  }

  /** The node that decides dies at some moment of that. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  void atMostOneSucceedsAlsoWhenTheOldestMemberDies(int seed) {
    random = new SplittableRandom(seed);
    world = newWorld();
    start();
    List<Pending> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(begin(1 + i % 2, SET_IF_ABSENT, "Alice", "lock", "client" + i));
    }
    world.runFor(random.nextLong(SECOND / 20));
    world.crash(world.nodes().get(0));
    until(() -> all.stream().allMatch(p -> p.code != null));
    assertThat(all)
        .extracting(Pending::code)
        .isSubsetOf(ResultCode.SUCCESS, ResultCode.VDI_EXIST)
        .filteredOn(code -> code == ResultCode.SUCCESS)
        .hasSizeLessThanOrEqualTo(1);
    int winner = indexOfWinner(all);
    for (int node = 1; node < 3; node++) {
      assertThat(value(node, "Alice", "lock"))
          .isEqualTo(winner < 0 ? value(1, "Alice", "lock") : "client" + winner);
    }
  }
}
