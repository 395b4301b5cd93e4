package io.sheepdog.core.gateway;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One flush of one vid (R9).
 *
 * <p>Every replica that took an unflushed write syncs the vid and says in which incarnation. An
 * object is safe when every node that holds it today took the last write and synced it in the same
 * incarnation. A node that came to hold it since, or was started again and may have lost what it
 * had in memory, gets it from an up-to-date replica, durably, when it is asked for the object
 * ({@link io.sheepdog.core.replica.ReplicaService}); that counts if at least one replica is left
 * that lost nothing.
 */
final class FlushRound {
  private static final int PARALLEL = 8;

  private final Tools tools;
  private final VdiId vid;
  private final Map<ObjectId, List<Replica>> objects;
  private final Set<Replica> toAsk = new LinkedHashSet<>();
  private final Set<Replica> synced = new HashSet<>();
  private final Set<Replica> broken = new HashSet<>();
  private ResultCode worst = ResultCode.SUCCESS;

  /** What a flush works with. */
  record Tools(
      Targets targets,
      PeerCalls peers,
      RetryGate retries,
      ObjectShapes shapes,
      ObjectReader reader) {}

  /** Makes rounds. */
  interface Factory {
    /**
     * Prepares a round.
     *
     * @param objects what is unflushed, with the replicas that took the last write
     * @param everywhere whether all members sync the vid, also those that took nothing from this
     *     gateway
     */
    FlushRound create(VdiId vid, Map<ObjectId, List<Replica>> objects, boolean everywhere);
  }

  FlushRound(Tools tools, VdiId vid, Map<ObjectId, List<Replica>> objects, boolean everywhere) {
    this.tools = tools;
    this.vid = vid;
    this.objects = objects;
    objects.values().forEach(toAsk::addAll);
    if (everywhere) {
      toAsk.addAll(tools.targets().everywhere());
    }
  }

  /** SUCCESS, or EIO when something that was acknowledged may be lost. */
  CompletionStage<ResultCode> run() {
    return Parallel.forEach(new ArrayList<>(toAsk), toAsk.size(), replica -> sync(replica, 0))
        .thenCompose(
            ignored ->
                Parallel.forEach(
                    new ArrayList<>(objects.entrySet()),
                    PARALLEL,
                    object -> secure(object.getKey(), object.getValue(), 0)))
        .thenApply(ignored -> worst);
  }

  private CompletionStage<Void> sync(Replica replica, int tried) {
    if (!tools.targets().isMember(replica)) {
      return done();
    }
    Request request = Request.of(Opcode.PEER_SYNC, PeerBody.of(ObjectId.inode(vid), 0, 0));
    return tools
        .peers()
        .send(replica, request, Unpooled.EMPTY_BUFFER)
        .thenCompose(
            reply -> {
              ResultCode code = PeerCalls.codeOf(reply);
              boolean same = incarnation(reply) == replica.incarnation();
              reply.release();
              if (PeerCalls.isPassing(code)) {
                return later(tried, () -> sync(replica, tried + 1));
              }
              if (code == ResultCode.NO_OBJ) {
                noteLoss(replica);
              } else if (code != ResultCode.SUCCESS) {
                broken.add(replica);
                worst = ResultCode.EIO;
              } else if (same) {
                synced.add(replica);
              }
              return done();
            });
  }

  /**
   * The disk of a replica has failed: that is like one that is gone, and what the others have must
   * be enough. What it took from another gateway is lost if there is one copy of it only.
   */
  private void noteLoss(Replica replica) {
    ObjectAttributes shape = tools.shapes().of(ObjectId.inode(vid));
    boolean isAccountedFor = objects.values().stream().anyMatch(took -> took.contains(replica));
    if (!isAccountedFor && shape != null && shape.copies() == 1) {
      worst = ResultCode.EIO;
    }
  }

  private static long incarnation(Reply reply) {
    return reply.header().body() instanceof PeerReply body ? body.incarnation() : 0;
  }

  /** Sees to it that today's replicas of an object hold it durably. */
  private CompletionStage<Void> secure(ObjectId oid, List<Replica> took, int tried) {
    ObjectAttributes shape = tools.shapes().of(oid);
    if (shape == null) {
      return done();
    }
    if (took.stream().noneMatch(synced::contains)) {
      worst = ResultCode.EIO;
      return done();
    }
    List<Replica> missing = new ArrayList<>();
    for (Replica replica : tools.targets().of(oid, shape.copies())) {
      if (!(took.contains(replica) && synced.contains(replica)) && !broken.contains(replica)) {
        missing.add(replica);
      }
    }
    boolean[] again = {false};
    return Parallel.forEach(missing, 1, replica -> give(replica, oid, again))
        .thenCompose(
            ignored -> again[0] ? later(tried, () -> secure(oid, took, tried + 1)) : done());
  }

  /**
   * Asking for an object makes a node get it; that nobody has it any more means that it was
   * removed.
   */
  private CompletionStage<Void> give(Replica replica, ObjectId oid, boolean[] again) {
    return tools
        .reader()
        .readFrom(replica, oid, 0, 0)
        .thenAccept(
            read -> {
              read.data().release();
              if (PeerCalls.isPassing(read.code())) {
                again[0] = true;
              } else if (read.code() != ResultCode.SUCCESS && read.code() != ResultCode.NO_OBJ) {
                worst = ResultCode.EIO;
              }
            });
  }

  private interface Step {
    CompletionStage<Void> run();
  }

  private CompletionStage<Void> later(int tried, Step step) {
    if (tools.retries().isClosed()) {
      worst = ResultCode.SHUTDOWN;
      return done();
    }
    CompletableFuture<Void> waited = new CompletableFuture<>();
    tools.retries().later(tried, () -> waited.complete(null));
    return waited.thenCompose(ignored -> step.run());
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
