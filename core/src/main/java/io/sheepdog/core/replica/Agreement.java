package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes dirty marks away (R10), one object after the other: when nobody has written to an object
 * for a while, its homes sum it up, which makes it durable there, and if all have the same they
 * mark it clean.
 *
 * <p>Nobody is held up meanwhile. A write that reaches a home after it has summed up makes the
 * object another version there, so that home keeps its mark, or sets it again; one that reached
 * some homes before they did shows as a difference. So as long as replicas differ one of them at
 * least has its mark.
 */
final class Agreement {
  private static final int REMEMBERED = 4096;

  private final TornRepair.Tools tools;
  private final Predicate<ObjectId> isHeldUp;
  private final Clock clock;
  private final RecoveryPolicy policy;

  /** When objects were written to last, least recently first. */
  private final LinkedHashMap<ObjectId, Long> written =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectId, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  private Iterator<ObjectId> round = List.<ObjectId>of().iterator();
  private boolean wasMember;

  Agreement(
      TornRepair.Tools tools, Predicate<ObjectId> isHeldUp, Clock clock, RecoveryPolicy policy) {
    this.tools = tools;
    this.isHeldUp = isHeldUp;
    this.clock = clock;
    this.policy = policy;
  }

  /** Goes on until the membership of this node ends. */
  void begin() {
    boolean isMember = tools.cluster().incarnation() != 0;
    if (wasMember && !isMember) {
      return;
    }
    wasMember = isMember;
    tools.scheduler().schedule(policy.cleaningInterval(), this::step);
  }

  /** An object is written to here. */
  void noteWrite(ObjectId oid) {
    written.remove(oid);
    written.put(oid, clock.nanoTime());
  }

  private void step() {
    ObjectId oid = next();
    if (oid == null) {
      begin();
    } else {
      compare(oid, homes(oid)).whenComplete((done, failure) -> begin());
    }
  }

  /** An object of this node's that could be marked clean; null if there is none for now. */
  private @Nullable ObjectId next() {
    boolean isQuiet =
        wasMember
            && !tools.cluster().servingEpoch().isZero()
            && tools.cluster().state().recovery().complete().equals(tools.cluster().servingEpoch());
    if (!isQuiet) {
      return null;
    }
    if (!round.hasNext()) {
      round = tools.store().dirtyObjects().iterator();
    }
    while (round.hasNext()) {
      ObjectId oid = round.next();
      if (isIdle(oid) && tools.store().holds(oid) && !isHeldUp.test(oid)) {
        return oid;
      }
    }
    return null;
  }

  private boolean isIdle(ObjectId oid) {
    Long last = written.get(oid);
    return last == null || clock.nanoTime() - last > policy.idleBeforeCleaning().toNanos();
  }

  private List<NodeAddress> homes(ObjectId oid) {
    ObjectAttributes shape = tools.shapes().of(oid);
    Epoch epoch = tools.cluster().servingEpoch();
    return shape == null
        ? List.of()
        : tools.cluster().ring(epoch).targets(oid, tools.shapes().copiesIn(oid, epoch));
  }

  private CompletionStage<?> compare(ObjectId oid, List<NodeAddress> homes) {
    if (homes.stream().noneMatch(tools.cluster()::isSelf)) {
      return CompletableFuture.completedFuture(null);
    }
    Epoch epoch = tools.cluster().servingEpoch();
    List<CompletableFuture<Digests.Answer>> answers = new ArrayList<>();
    homes.forEach(home -> answers.add(tools.digests().of(home, oid, epoch).toCompletableFuture()));
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenAccept(
            all ->
                judge(oid, epoch, homes, answers.stream().map(CompletableFuture::join).toList()));
  }

  private void judge(
      ObjectId oid, Epoch epoch, List<NodeAddress> homes, List<Digests.Answer> answers) {
    ObjectDigest first = answers.get(0).digest();
    for (Digests.Answer answer : answers) {
      boolean isSame =
          answer.code() == ResultCode.SUCCESS
              && answer.lastValid().equals(epoch)
              && first != null
              && answer.digest() != null
              && answer.digest().isSame(first);
      if (!isSame) {
        return;
      }
    }
    for (int i = 0; i < homes.size(); i++) {
      tell(homes.get(i), oid, epoch, answers.get(i));
    }
  }

  /** A home that does not hear it keeps its mark, and asks again in time. */
  private void tell(NodeAddress home, ObjectId oid, Epoch epoch, Digests.Answer answer) {
    if (tools.cluster().isSelf(home)) {
      if (epoch.equals(tools.cluster().servingEpoch())) {
        tools.store().markClean(oid, answer.version());
      }
      return;
    }
    ByteBuf version = Unpooled.buffer(Long.BYTES).writeLongLE(answer.version());
    Request request =
        Request.of(
                Opcode.PEER_CLEAN,
                RequestFlags.WRITE,
                Long.BYTES,
                PeerBody.of(oid, 0, 0).withIncarnation(answer.incarnation()))
            .withEpoch(epoch);
    tools.transport().send(home, request, version).thenAccept(Reply::release);
    version.release();
  }
}
