package io.sheepdog.core.sim.schedule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.NodeControl;
import io.sheepdog.core.PlantedNodes;
import io.sheepdog.core.SheepNode;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.membership.LocalNode;
import io.sheepdog.core.membership.NodeCallbacks;
import io.sheepdog.core.membership.NodeFailure;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.sim.check.StoreInvariants.Disk;
import io.sheepdog.core.sim.check.Violations;
import io.sheepdog.core.sim.cluster.SimClusterDriver;
import io.sheepdog.core.sim.net.BufferLedger;
import io.sheepdog.core.sim.net.ClientServer;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.store.StoreWatcher;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerWriteBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulated daemon: a {@link SheepNode} on simulated hardware, and a watch on what it is in the
 * middle of.
 */
final class SimNode implements ClientServer {
  /** Answers to a write that neither the epoch nor the receiver's start keeps out. */
  private static final Set<ResultCode> LOOKED_AT =
      EnumSet.of(ResultCode.SUCCESS, ResultCode.VDI_LOCKED);

  private final NodeAddress address;
  private final SimProcess process;
  private final BufferLedger buffers;
  private final SimClusterDriver driver;
  private final Disk disk;
  private final SheepNode node;
  private final Map<Long, ClientSession> peerSessions = new HashMap<>();
  private boolean mayBeRefused;
  private String refusal = "";
  private final Map<Phase, Integer> inProgress = new EnumMap<>(Phase.class);
  private final Mistake mistake;
  private final Violations violations;
  private final Watcher watcher;

  /**
   * What a daemon asks another for under a lock.
   *
   * @param generation of the lock, at least 1
   */
  record UnderLock(VdiId vid, long generation) {
    static @Nullable UnderLock of(Request request) {
      long generation = 0;
      VdiId vid = VdiId.NONE;
      if (request.body() instanceof PeerWriteBody write) {
        generation = write.generation();
        vid = write.oid().vid();
      } else if (request.body() instanceof PeerBody body) {
        generation = body.generation();
        vid = body.oid().vid();
      }
      return generation == 0 ? null : new UnderLock(vid, generation);
    }
  }

  /** Who is told what a node does. */
  interface Watcher {
    /** It begins something. */
    void begins(SimNode node, Phase phase);

    /** It answers a client's request with success. */
    void answers(SimNode node, Request request);

    /**
     * A daemon's change under a lock reaches another one.
     *
     * @return whether one under a later lock has been carried out by some daemon before
     */
    boolean isLate(UnderLock change);

    /** A daemon has carried out a change under a lock. */
    void carriedOut(UnderLock change);

    /** The new holder of a lock waits until its gateway has ended writes of earlier ones. */
    void lockWaits();

    /** It hears that the others complained it out. */
    void evicted(SimNode node);

    /** It has given up its membership, as it was to. */
    void gaveUp(SimNode node);
  }

  SimNode(
      NodeEntry entry,
      long incarnation,
      SimProcess process,
      BufferLedger buffers,
      StoreContents contents,
      SimClusterDriver driver,
      Platform platform,
      Mistake mistake,
      Violations violations,
      Watcher watcher) {
    this.address = entry.address();
    this.process = process;
    this.buffers = buffers;
    this.driver = driver;
    this.disk = new Disk(process.name(), contents);
    this.watcher = watcher;
    this.mistake = mistake;
    this.violations = violations;
    this.node =
        PlantedNodes.node(
            new LocalNode(entry, incarnation),
            platform,
            new Callbacks(violations),
            new NoControl(violations),
            mistake.policy(),
            mistake.leases(),
            mistake.recovery());
  }

  NodeAddress address() {
    return address;
  }

  SimClusterDriver driver() {
    return driver;
  }

  Disk disk() {
    return disk;
  }

  SheepNode node() {
    return node;
  }

  @Override
  public SimProcess process() {
    return process;
  }

  @Override
  public BufferLedger buffers() {
    return buffers;
  }

  /** A daemon that waits for the others keeps what it is asked; here that is turned away. */
  @Override
  public boolean accepts() {
    ClusterStatus status = node.agent().state().status();
    return status != ClusterStatus.WAIT_JOIN && status != ClusterStatus.STARTING;
  }

  @Override
  public ClientSession open(String host) {
    return node.openSession(host);
  }

  @Override
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    Phase phase = Phase.of(request);
    if (phase != null) {
      begin(phase);
    }
    return node.handle(session, request, payload)
        .whenComplete(
            (reply, failure) -> {
              if (phase != null) {
                end(phase);
              }
              if (reply != null && reply.header().isSuccess()) {
                watcher.answers(this, request);
              }
            })
        .thenApply(reply -> mistake.reply(request, reply));
  }

  /** What an administrator asks who can reach a node that serves nobody else yet. */
  CompletableFuture<ResultCode> ask(Request request) {
    CompletableFuture<ResultCode> answered = new CompletableFuture<>();
    process.execute(
        () ->
            node.handle(node.openSession("admin"), request, Unpooled.EMPTY_BUFFER)
                .thenAccept(
                    reply -> {
                      reply.release();
                      answered.complete(reply.header().resultCode());
                    }));
    return answered;
  }

  /** Requests of other daemons come in over sessions of their own. */
  CompletionStage<Reply> handlePeer(long sender, Request sent, ByteBuf payload) {
    ClientSession session = peerSessions.computeIfAbsent(sender, this::openPeerSession);
    Request request = mistake.peerRequest(sent, node.agent().servingEpoch());
    UnderLock under = UnderLock.of(request);
    if (under == null) {
      return node.handle(session, request, payload);
    }
    if (request.operation() == Opcode.PEER_DRAIN) {
      CompletionStage<Reply> reply = node.handle(session, request, payload);
      if (!reply.toCompletableFuture().isDone()) {
        watcher.lockWaits();
      }
      return reply;
    }
    if (mistake.fencesWritesUnderWay() && isOver(under)) {
      return CompletableFuture.completedFuture(
          new Reply(
              Response.to(request, node.agent().servingEpoch(), ResultCode.VDI_LOCKED),
              Unpooled.EMPTY_BUFFER));
    }
    boolean late = watcher.isLate(under);
    return node.handle(session, request, payload)
        .whenComplete(
            (reply, failure) -> {
              if (reply != null && reply.header().isSuccess()) {
                watcher.carriedOut(under);
              }
              boolean counts = reply != null && LOOKED_AT.contains(reply.header().resultCode());
              if (late && counts && !process.isExpelled()) {
                violations.report(
                    "P4", request + " reaches " + this + " after the next owner has written");
              }
            });
  }

  private ClientSession openPeerSession(long sender) {
    ClientSession session = node.openSession("peers");
    session.greetedBy(sender);
    return session;
  }

  /** Whether this node knows of a newer lock than the one under which a peer writes. */
  private boolean isOver(UnderLock write) {
    VdiLock lock = node.agent().state().locks().of(write.vid());
    return lock != null && lock.generation() > write.generation();
  }

  private void begin(Phase phase) {
    inProgress.merge(phase, 1, Integer::sum);
    watcher.begins(this, phase);
  }

  private void end(Phase phase) {
    inProgress.merge(phase, -1, Integer::sum);
  }

  /** The cluster does not have to take this node in. */
  void mayBeRefused() {
    mayBeRefused = true;
  }

  /** Why the cluster did not take it in, empty if it did. */
  String refusal() {
    return refusal;
  }

  boolean isInTheMiddleOf(Phase phase) {
    return inProgress.getOrDefault(phase, 0) > 0;
  }

  /** Notes what the store does, and passes it on. */
  static StoreWatcher watch(Supplier<SimNode> node, BooleanSupplier isBroken, StoreWatcher next) {
    return new StoreWatcher() {
      @Override
      public void submitted(Kind kind, ObjectId oid, long offset) {
        Phase phase = Phase.of(kind, oid, offset);
        if (phase != null) {
          node.get().begin(phase);
        }
      }

      @Override
      public void finished(Kind kind, ObjectId oid, long offset) {
        Phase phase = Phase.of(kind, oid, offset);
        if (phase != null) {
          node.get().end(phase);
        }
      }

      @Override
      public void written(ObjectId oid, long offset, byte[] data) {
        if (!node.get().process.isExpelled() && !isBroken.getAsBoolean()) {
          next.written(oid, offset, data);
        }
      }

      @Override
      public void removed(ObjectId oid) {
        if (!node.get().process.isExpelled() && !isBroken.getAsBoolean()) {
          next.removed(oid);
        }
      }
    };
  }

  @Override
  public String toString() {
    return process.name();
  }

  private final class Callbacks implements NodeCallbacks {
    private final Violations violations;

    Callbacks(Violations violations) {
      this.violations = violations;
    }

    @Override
    public void onRefused(String reason) {
      refusal = reason;
      if (mayBeRefused) {
        process.kill();
        return;
      }
      violations.report("membership", SimNode.this + " was refused: " + reason);
    }

    @Override
    public void onFailure(NodeFailure failure) {
      if (failure.cause() == NodeFailure.Cause.EVICTED) {
        watcher.evicted(SimNode.this);
      }
      if (process.isExpelled()) {
        watcher.gaveUp(SimNode.this);
      } else {
        violations.report("membership", SimNode.this + " gave up: " + failure);
      }
    }

    @Override
    public void onShutdown() {
      violations.report("membership", SimNode.this + " was shut down");
    }

    @Override
    public void onWarning(String message) {
      if (message.startsWith("request failed")) {
        violations.report("P7", SimNode.this + ": " + message);
      }
      violations.trace(() -> SimNode.this + " warns: " + message);
    }
  }

  private record NoControl(Violations violations) implements NodeControl {
    @Override
    public void kill() {
      violations.report("control", "nobody asked to kill a node");
    }

    @Override
    public int logLevel() {
      return 0;
    }

    @Override
    public void setLogLevel(int level) {
      violations.report("control", "nobody asked for log level " + level);
    }

    @Override
    public String objectDirectory() {
      return "/nowhere";
    }
  }
}
