package io.sheepdog.core;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.admin.AdminRequests;
import io.sheepdog.core.admin.RequestCounters;
import io.sheepdog.core.attribute.AttributeRequests;
import io.sheepdog.core.block.BlockHost;
import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.lease.LeasePolicy;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.LocalNode;
import io.sheepdog.core.membership.NodeCallbacks;
import io.sheepdog.core.recovery.Recovery;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.replica.WritesInFlight;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.LockSessions;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.core.volume.VdiOperations;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node of the cluster: wires the parts of core together and hands each request to the one that
 * answers it.
 *
 * <p>All methods are called on the core loop. Every request is answered exactly once.
 */
public final class SheepNode {
  private static final Set<Opcode> GATEWAY =
      EnumSet.of(
          Opcode.CREATE_AND_WRITE_OBJ,
          Opcode.READ_OBJ,
          Opcode.WRITE_OBJ,
          Opcode.REMOVE_OBJ,
          Opcode.DISCARD_OBJ,
          Opcode.FLUSH_VDI);

  private static final Set<Opcode> VOLUMES =
      EnumSet.of(
          Opcode.NEW_VDI,
          Opcode.LOCK_VDI,
          Opcode.RELEASE_VDI,
          Opcode.GET_VDI_INFO,
          Opcode.DEL_VDI,
          Opcode.VDI_USAGE);

  private final ClusterAgent agent;
  private final LockSessions sessions;
  private final ReplicaService replica;
  private final ObjectGateway gateway;
  private final VdiOperations volumes;
  private final AttributeRequests attributes;
  private final AdminRequests admin;
  private final Recovery recovery;
  private final BlockVolumes blockVolumes;
  private final RequestCounters counters = new RequestCounters();
  private final NodeCallbacks callbacks;

  /**
   * Wires a node; nothing happens before {@link #start()}.
   *
   * @param indexBytes of memory for the indexes of VDIs that are open as block devices
   */
  public SheepNode(
      LocalNode local,
      Platform platform,
      NodeCallbacks callbacks,
      NodeControl control,
      long indexBytes) {
    this(
        local,
        platform,
        callbacks,
        control,
        indexBytes,
        WritePolicy.SAFE,
        LeasePolicy.SAFE,
        RecoveryPolicy.SAFE);
  }

  /** For the simulator, which plants mistakes through the policies. */
  SheepNode(
      LocalNode local,
      Platform platform,
      NodeCallbacks callbacks,
      NodeControl control,
      long indexBytes,
      WritePolicy policy,
      LeasePolicy leasePolicy,
      RecoveryPolicy recoveryPolicy) {
    this.callbacks = callbacks;
    WritesInFlight inFlight = new WritesInFlight();
    agent = new ClusterAgent(local, platform, callbacks, leasePolicy);
    sessions =
        new LockSessions(agent, platform.scheduler(), platform.clock(), this::earlierWritesEnded);
    replica =
        new ReplicaService(
            ClusterView.of(agent),
            platform.objects(),
            platform.transport(),
            inFlight,
            platform.clock(),
            platform.scheduler(),
            recoveryPolicy,
            callbacks::onWarning);
    gateway =
        new ObjectGateway(
            agent,
            replica,
            platform.transport(),
            platform.scheduler(),
            inFlight,
            sessions,
            this::dropped,
            policy);
    volumes =
        new VdiOperations(
            agent,
            gateway,
            replica,
            sessions,
            platform.transport(),
            platform.scheduler(),
            platform.clock(),
            policy);
    attributes =
        new AttributeRequests(
            agent, gateway, platform.transport(), platform.scheduler(), volumes::list);
    recovery =
        new Recovery(
            agent, replica, platform, counters::clientsWait, callbacks::onWarning, recoveryPolicy);
    admin = new AdminRequests(agent, platform, control, counters, recovery);
    blockVolumes = new BlockVolumes(new InsideClients(), platform.scheduler(), indexBytes);
  }

  /** Volumes are clients of the node. */
  private final class InsideClients implements BlockHost {
    @Override
    public ClientSession openSession(String clientAddress) {
      return SheepNode.this.openSession(clientAddress);
    }

    @Override
    public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
      return SheepNode.this.handle(session, request, payload);
    }

    @Override
    public ClusterState state() {
      return agent.state();
    }
  }

  /** VDIs as ranges of bytes. */
  public BlockVolumes blockVolumes() {
    return blockVolumes;
  }

  /** Gateway and volume operations need each other; this closes the circle. */
  private CompletionStage<Void> dropped(
      VdiId inodeOwner, VdiId objectOwner, long index, long generation) {
    return volumes.dropped(inodeOwner, objectOwner, index, generation);
  }

  /** Locks and gateway, too. */
  private CompletionStage<Void> earlierWritesEnded(VdiId vid, long generation) {
    return gateway.earlierWritesEnded(vid, generation);
  }

  /** Joins the cluster. */
  public void start() {
    agent.start();
    replica.beginUpkeep(counters::clientsWait);
  }

  /**
   * Sets how fast objects that nobody writes to are read in the background to see whether they are
   * good.
   *
   * @param bytesPerSecond holes included; 0, as before any call, for not at all
   */
  public void setScrubRate(long bytesPerSecond) {
    replica.setScrubRate(bytesPerSecond);
  }

  /** Leaves the cluster; requests that wait for it end with an error. */
  public void stop() {
    agent.leave();
  }

  /** This node's view of the cluster. */
  public ClusterAgent agent() {
    return agent;
  }

  /** Background recovery of this node. */
  public Recovery recovery() {
    return recovery;
  }

  /** A client or peer connected; the server closes the session when the connection is gone. */
  public ClientSession openSession(String clientAddress) {
    return sessions.open(clientAddress);
  }

  /**
   * Carries out a request.
   *
   * @param payload what followed the header; not consumed
   * @return the reply, whose payload the caller owns; completes normally always
   */
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    session.noteRequest(request.hasFlag(RequestFlags.TGT));
    return isEarly(request) ? park(session, request, payload) : carryOut(session, request, payload);
  }

  /**
   * Whether the request has to wait until the cluster runs: a machine that finds its gateway again
   * must not see an error (P7), neither while that writes its epoch log nor while other members are
   * awaited. Who opens a VDI then is told to wait instead, as the public protocol has it.
   */
  private boolean isEarly(Request request) {
    if (!agent.synced() || !agent.servingEpoch().isZero()) {
      return false;
    }
    return switch (agent.state().status()) {
      case STARTING, RUNNING ->
          isForGateway(request.operation()) || isForVolumes(request.operation());
      case WAIT_JOIN -> isForGateway(request.operation()) && !readsInode(request);
      case WAIT_FORMAT, SHUTDOWN -> false;
    };
  }

  private static boolean readsInode(Request request) {
    return request.operation() == Opcode.READ_OBJ
        && request.body() instanceof ObjectBody body
        && body.oid().kind() == ObjectKind.INODE;
  }

  private CompletionStage<Reply> park(ClientSession session, Request request, ByteBuf payload) {
    CompletableFuture<Void> served = new CompletableFuture<>();
    payload.retain();
    agent.whenEpochServed(Epoch.ZERO.next(), () -> served.complete(null));
    // for a client that has gone meanwhile nothing is carried out: it would lock a VDI for nobody
    return served
        .thenCompose(
            ignored ->
                session.isClosed()
                    ? refused(request, ResultCode.WAIT_FOR_JOIN)
                    : carryOut(session, request, payload))
        .whenComplete((reply, failure) -> payload.release());
  }

  private CompletionStage<Reply> carryOut(ClientSession session, Request request, ByteBuf payload) {
    ResultCode refusal = admission(request);
    if (refusal != ResultCode.SUCCESS) {
      return refused(request, refusal);
    }
    counters.begun(request);
    return dispatch(session, request, payload)
        .exceptionallyCompose(
            failure -> {
              callbacks.onWarning("request failed: " + request + ": " + failure);
              return refused(request, ResultCode.SYSTEM_ERROR);
            })
        .thenApply(
            reply -> {
              counters.ended(request, reply);
              return reply;
            });
  }

  /** In the order of spec/wire-protocol.md section 7: version, opcode, state. */
  private ResultCode admission(Request request) {
    if (!ProtocolVersion.accepts(request.opcode(), request.protocolVersion())) {
      return ResultCode.VER_MISMATCH;
    }
    Opcode opcode = request.operation();
    if (opcode == null) {
      return ResultCode.INVALID_PARMS;
    }
    if (opcode.isForce() && agent.state().status() != ClusterStatus.SHUTDOWN) {
      return ResultCode.SUCCESS;
    }
    if (!agent.synced()) {
      return ResultCode.WAIT_FOR_JOIN;
    }
    return switch (agent.state().status()) {
      case WAIT_FORMAT -> ResultCode.WAIT_FOR_FORMAT;
      case WAIT_JOIN, STARTING -> ResultCode.WAIT_FOR_JOIN;
      case SHUTDOWN -> ResultCode.SHUTDOWN;
      case RUNNING -> ResultCode.SUCCESS;
    };
  }

  private CompletionStage<Reply> dispatch(ClientSession session, Request request, ByteBuf payload) {
    Opcode opcode = Objects.requireNonNull(request.operation());
    if (isForGateway(opcode)) {
      return answer(request, payload, () -> gateway.handle(session, request, payload));
    }
    if (opcode == Opcode.VDI_USAGE) {
      return answer(request, payload, () -> gateway.usages(request));
    }
    if (isForVolumes(opcode)) {
      return answer(request, payload, () -> volumes.handle(session, request, payload));
    }
    return switch (opcode) {
      case GET_VDI_ATTR ->
          answer(request, payload, () -> attributes.handle(session, request, payload));
      case PEER_READ,
          PEER_WRITE,
          PEER_CREATE,
          PEER_REMOVE,
          PEER_SYNC,
          PEER_LIST,
          PEER_DRAIN,
          PEER_FETCH,
          PEER_OBJECTS,
          PEER_TORN,
          PEER_REPAIR,
          PEER_DIGEST,
          PEER_REPAIR_SOON,
          PEER_CLEAN,
          PEER_PIECE,
          PEER_PATCH,
          PEER_CHANGES,
          PEER_COMPARE,
          PEER_COPY,
          PEER_USAGE,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          EXIST ->
          replica.handle(request, payload, session.peer());
      case PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY, PEER_LEASE ->
          agent.handlePeer(request, payload);
      default -> admin.handle(request, payload);
    };
  }

  private CompletionStage<Reply> answer(
      Request request, ByteBuf payload, Supplier<CompletionStage<Reply>> work) {
    return ClientAnswer.to(agent, request, payload, work, code -> reply(request, code));
  }

  private static boolean isForGateway(@Nullable Opcode opcode) {
    return opcode != null && GATEWAY.contains(opcode);
  }

  private static boolean isForVolumes(@Nullable Opcode opcode) {
    return opcode != null && VOLUMES.contains(opcode);
  }

  private CompletionStage<Reply> refused(Request request, ResultCode code) {
    return CompletableFuture.completedFuture(reply(request, code));
  }

  private Reply reply(Request request, ResultCode code) {
    return new Reply(Response.to(request, agent.state().epoch(), code), Unpooled.EMPTY_BUFFER);
  }
}
