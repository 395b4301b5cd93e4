package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.client.Geometry;
import io.sheepdog.core.sim.client.SimAdmin;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.payload.NameTag;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A lock passes on while a write of its holder is under way (P3, R12); three nodes, three copies:
 * the holder is a client of the first node, the next one of the second, and the third node hears
 * late of what the first asks.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HandOverSimTest {
  private static final long SECOND = 1_000_000_000;
  private static final String NAME = "Alice";
  private static final int LENGTH = 512;

  private final SplittableRandom random = new SplittableRandom(815);
  private final Geometry geometry = new Geometry(2, 2, LENGTH);
  private final SimWorld world =
      new SimWorld(random.split(), new WorldShape(3, 3, geometry), Mistake.NONE, false);
  private final SimAdmin admin = new SimAdmin(world.client("admin", "10.0.0.9", random.split()));
  private final Scenario scenario = new Scenario(world, admin);
  private final SimNode first = world.nodes().get(0);
  private final SimNode second = world.nodes().get(1);
  private final SimNode third = world.nodes().get(2);
  private final ClientSession holder = first.open("10.0.0.1");
  private final ClientSession next = second.open("10.0.0.2");
  private ObjectId object = new ObjectId(0);

  /** An answer, without what came with it but for its first bytes. */
  private record Answer(ResultCode code, long value) {}

  @BeforeEach
  void aClientHoldsTheLockAndHasMadeAnObject() {
    scenario.startCluster(3, 0);
    var created = admin.create(NAME, geometry.diskSize());
    until(created::isDone);
    object = ObjectId.data(VdiId.hashOf(NAME), 0);
    assertThat(await(ask(first, holder, object(Opcode.CREATE_AND_WRITE_OBJ), 1)).code())
        .isEqualTo(ResultCode.SUCCESS);
    pass(SECOND / 10);
  }

  private void until(BooleanSupplier condition) {
    scenario.until(condition);
  }

  private void pass(long nanos) {
    scenario.pass(nanos);
  }

  private Answer await(CompletableFuture<Answer> answer) {
    until(answer::isDone);
    return answer.join();
  }

  private Request object(Opcode opcode) {
    int flags = opcode == Opcode.READ_OBJ ? RequestFlags.NONE : RequestFlags.WRITE;
    return Request.of(opcode, flags, LENGTH, ObjectBody.of(object, 0)).withProtocolVersion(0);
  }

  private CompletableFuture<Answer> write(SimNode node, ClientSession session, long value) {
    return ask(node, session, object(Opcode.WRITE_OBJ), value);
  }

  private long read(SimNode node) {
    return await(ask(node, node.open("10.0.0.3"), object(Opcode.READ_OBJ), 0)).value();
  }

  private CompletableFuture<Answer> ask(
      SimNode node, ClientSession session, Request request, long value) {
    boolean carries = request.hasFlag(RequestFlags.WRITE);
    return ask(node, session, request, carries ? geometry.fill(value) : new byte[0]);
  }

  private CompletableFuture<Answer> ask(
      SimNode node, ClientSession session, Request request, byte[] bytes) {
    CompletableFuture<Answer> result = new CompletableFuture<>();
    node.process()
        .execute(
            () -> {
              ByteBuf payload = node.buffers().bufferOf(bytes);
              node.handle(session, request, payload)
                  .whenComplete(
                      (reply, failure) -> {
                        if (failure != null) {
                          result.completeExceptionally(failure);
                          return;
                        }
                        boolean read = reply.payload().isReadable();
                        long value = read ? reply.payload().getLongLE(0) : 0;
                        ResultCode code = Objects.requireNonNull(reply.header().resultCode());
                        reply.release();
                        result.complete(new Answer(code, value));
                      });
              payload.release();
            });
    return result;
  }

  private CompletableFuture<Answer> lock() {
    ByteBuf name = Unpooled.buffer();
    new NameTag(NAME, "").encodeNameAndTag(name);
    byte[] bytes = ByteBufUtil.getBytes(name);
    Request request =
        Request.of(Opcode.LOCK_VDI, RequestFlags.WRITE, bytes.length, VdiBody.lookup(0))
            .withProtocolVersion(1);
    return ask(second, second.open("10.0.0.2"), request, bytes);
  }

  private void takeTheLockAway() {
    var released = admin.forceRelease(NAME);
    until(released::isDone);
    assertThat(released.join()).isTrue();
    until(() -> second.node().agent().state().locks().of(object.vid()) == null);
  }

  private void assertSame() {
    assertThat(second.disk().contents().sameAs(third.disk().contents(), object)).isTrue();
    if (world.living().contains(first)) {
      assertThat(first.disk().contents().sameAs(third.disk().contents(), object)).isTrue();
    }
  }

  @Test
  void whoLocksIsAnsweredWhenTheWriteIsOnAllReplicasAndReadsIt() {
    world.peers().slowRoute(first.address(), third.address(), 2 * SECOND);
    var under = write(first, holder, 5);
    pass(SECOND / 10);
    takeTheLockAway();
    var locked = lock();
    pass(SECOND);
    assertThat(under).isNotDone();
    assertThat(locked).isNotDone();

    assertThat(await(locked).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(under).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(read(third)).isEqualTo(5);
    assertSame();
    assertThat(await(write(first, holder, 6)).code()).isEqualTo(ResultCode.VDI_LOCKED);
  }

  @Test
  void whoseLockWasTakenAwayDoesNotEndThatOfItsSuccessor() {
    takeTheLockAway();
    assertThat(await(lock()).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(write(second, next, 6)).code()).isEqualTo(ResultCode.SUCCESS);

    assertThat(release(third, "10.0.0.1", true)).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(write(second, next, 7)).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(lockOwner()).isEqualTo("10.0.0.2");

    // an administrator of that host may
    assertThat(release(first, "10.0.0.1", false)).isEqualTo(ResultCode.SUCCESS);
    assertThat(lockOwner()).isNull();
  }

  private @Nullable String lockOwner() {
    VdiLock lock = first.node().agent().state().locks().of(object.vid());
    return lock == null ? null : lock.client();
  }

  /** As QEMU on its way out, with the name, or as a tool. */
  private ResultCode release(SimNode node, String client, boolean isQemu) {
    byte[] name = isQemu ? (NAME + "\0").getBytes(StandardCharsets.UTF_8) : new byte[0];
    int flags = isQemu ? RequestFlags.WRITE : RequestFlags.NONE;
    Request request =
        Request.of(Opcode.RELEASE_VDI, flags, name.length, VdiBody.release(object.vid()))
            .withProtocolVersion(0);
    return await(ask(node, node.open(client), request, name)).code();
  }

  @Test
  void aReleaseThatIsLateEndsNoLaterLock() {
    first.driver().slowDown(SECOND);
    assertThat(release(second, "10.0.0.9", false)).isEqualTo(ResultCode.SUCCESS);
    var locked = lock();
    pass(SECOND / 10);
    assertThat(locked).isNotDone();
    assertThat(lockOwner()).as("as the first node knows").isEqualTo("10.0.0.1");

    assertThat(release(first, "10.0.0.1", true)).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(locked).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(lockOwner()).isEqualTo("10.0.0.2");
  }

  @Test
  void allWritesOfWhoNeverAsksForTheLockWaitForThoseUnderWay() {
    world.peers().slowRoute(first.address(), third.address(), 2 * SECOND);
    var under = write(first, holder, 5);
    pass(SECOND / 10);
    takeTheLockAway();
    var one = write(second, next, 6);
    pass(SECOND / 10);
    var another = write(second, next, 7);
    pass(SECOND);
    assertThat(under).isNotDone();
    assertThat(one).isNotDone();
    assertThat(another).isNotDone();

    assertThat(await(one).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(another).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(await(under).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(read(first)).isIn(6L, 7L);
    assertSame();
  }

  @Test
  void aLockThatIsTakenAwayAgainBeforeItsHolderMayUseItIsRefused() {
    world.peers().slowRoute(first.address(), third.address(), 2 * SECOND);
    var under = write(first, holder, 5);
    pass(SECOND / 10);
    takeTheLockAway();
    var locked = lock();
    pass(SECOND / 10);
    takeTheLockAway();

    assertThat(await(locked).code()).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(await(under).code()).isEqualTo(ResultCode.SUCCESS);
    assertSame();
  }

  @Test
  void aGatewayThatStandsStillWithAWriteCostsTheNextHolderTheTimeUntilItIsGivenUp() {
    assertThat(world.beginTrouble(first)).isTrue();
    world.peers().slowRoute(first.address(), third.address(), 12 * SECOND);
    write(first, holder, 5);
    pass(SECOND / 10);
    first.process().pause(15 * SECOND);
    takeTheLockAway();
    var locked = lock();
    pass(3 * SECOND);
    assertThat(locked).isNotDone();

    assertThat(await(locked).code()).isEqualTo(ResultCode.SUCCESS);
    assertThat(first.process().isExpelled()).isTrue();
    assertThat(await(write(second, next, 6)).code()).isEqualTo(ResultCode.SUCCESS);
    pass(20 * SECOND);
    assertThat(read(third)).isEqualTo(6);
    assertThat(read(second)).isEqualTo(6);
    assertSame();
  }
}
