package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.LockSessions;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiLookup;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of clients about whole VDIs: NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI
 * (spec/wire-protocol.md section 6.1). Also continues or undoes what a member that died had begun.
 */
public final class VdiOperations implements StateListener, Reclamation {
  private final ClusterAgent agent;
  private final LockSessions locks;
  private final Clock clock;
  private final VdiCreation creation;
  private final VdiDeletion deletion;
  private final Sweep sweep;
  private final Broadcast members;
  private final CopiesWriter copies;

  /** Wires the operations and follows the agent's state from now on. */
  public VdiOperations(
      ClusterAgent agent,
      ObjectGateway gateway,
      ReplicaService replica,
      LockSessions locks,
      Transport transport,
      Scheduler scheduler,
      Clock clock,
      WritePolicy policy) {
    this.agent = agent;
    this.locks = locks;
    this.clock = clock;
    InodeObjects inodes = new InodeObjects(gateway, agent);
    this.members = new Broadcast(agent, transport, replica, scheduler);
    this.sweep = new Sweep(agent, gateway, inodes, members, scheduler, policy);
    this.creation = new VdiCreation(agent, inodes, members, scheduler);
    this.deletion = new VdiDeletion(agent, inodes, members, sweep, scheduler, clock);
    this.copies = new CopiesWriter(agent, gateway, scheduler);
    agent.addListener(this);
  }

  /** Carries out one of the requests listed above. */
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    Opcode opcode = request.operation();
    if (!(request.body() instanceof VdiBody body) || opcode == null) {
      return reply(request, VdiOutcome.refused(ResultCode.INVALID_PARMS));
    }
    try {
      return reply(
          request,
          switch (opcode) {
            case NEW_VDI -> create(session, body, payload);
            case LOCK_VDI -> lock(session, body, name(payload));
            case RELEASE_VDI -> release(session, request, body);
            case GET_VDI_INFO -> info(body, name(payload));
            case DEL_VDI -> delete(session, body, name(payload));
            default -> VdiOutcome.refused(ResultCode.INVALID_PARMS);
          });
    } catch (ProtocolException e) {
      return reply(request, VdiOutcome.refused(ResultCode.INVALID_PARMS));
    }
  }

  @Override
  public CompletionStage<Void> dropped(
      VdiId inodeOwner, VdiId objectOwner, long index, long generation) {
    return sweep.dropped(inodeOwner, objectOwner, index, generation);
  }

  /** Hands over every object of a vid that any member holds, possibly more than once. */
  public CompletionStage<ResultCode> list(VdiId vid, Consumer<ObjectId> found) {
    return members.list(vid, found);
  }

  private CompletionStage<Reply> reply(Request request, CompletionStage<VdiOutcome> outcome) {
    return outcome.thenApply(
        result -> {
          VdiEntry entry = result.entry();
          VdiReply body = entry == null ? VdiReply.EMPTY : body(request, entry);
          return new Reply(
              Response.to(request, agent.state().epoch(), result.code(), body),
              Unpooled.EMPTY_BUFFER);
        });
  }

  /** DEL_VDI answers the vid and nothing else. */
  private static VdiReply body(Request request, VdiEntry entry) {
    return request.operation() == Opcode.DEL_VDI
        ? new VdiReply(entry.vid(), 0, 0, 0)
        : new VdiReply(entry.vid(), 0, entry.copies(), entry.blockSizeShift());
  }

  private static NameTag name(ByteBuf payload) {
    return NameTag.decode(payload.duplicate(), payload.readableBytes());
  }

  private CompletionStage<VdiOutcome> create(ClientSession session, VdiBody body, ByteBuf payload) {
    if (payload.readableBytes() != NameTag.NAME_SIZE) {
      return VdiOutcome.refused(ResultCode.INVALID_PARMS);
    }
    NameTag name = name(payload);
    ClusterConfig config = agent.state().config();
    if (config == null) {
      return VdiOutcome.refused(ResultCode.WAIT_FOR_FORMAT);
    }
    VdiEntry base =
        body.baseVdiId().isNone() ? null : agent.state().directory().entry(body.baseVdiId());
    if (base == null && !body.baseVdiId().isNone()) {
      return VdiOutcome.refused(ResultCode.NO_BASE_VDI);
    }
    int shift = body.blockSizeShift() == 0 ? config.blockSizeShift() : body.blockSizeShift();
    int copies = body.copies() == 0 ? config.copies() : body.copies();
    ReserveKind kind = kind(body, base, name.name());
    boolean isEmpty = base == null && body.size() == 0;
    if (isEmpty
        || !isSupported(body, shift, copies)
        || (base != null && base.blockSizeShift() != shift)) {
      return VdiOutcome.refused(ResultCode.INVALID_PARMS);
    }
    return creation.create(
        new VdiReserve(
            kind,
            name.name(),
            body.baseVdiId(),
            base == null ? body.size() : Math.max(body.size(), base.size()),
            copies,
            body.copyPolicy(),
            body.storePolicy(),
            shift,
            clock.wallTime(),
            session.clientAddress()));
  }

  private ReserveKind kind(VdiBody body, @Nullable VdiEntry base, String name) {
    if (body.snapshotId() == 0) {
      return base == null ? ReserveKind.CREATE : ReserveKind.CLONE;
    }
    VdiEntry head = agent.state().directory().head(name);
    return head != null && base != null && head.vid().equals(base.vid())
        ? ReserveKind.SNAPSHOT
        : ReserveKind.BRANCH;
  }

  /**
   * Erasure coding and hyper volumes are not there yet; sizes beyond the index are never possible.
   */
  private static boolean isSupported(VdiBody body, int shift, int copies) {
    return body.copyPolicy() == 0
        && body.storePolicy() == 0
        && shift >= 20
        && shift <= 31
        && copies <= 31
        && body.size() >= 0
        && body.size() <= InodeHeader.maxSize(shift);
  }

  private CompletionStage<VdiOutcome> lock(ClientSession session, VdiBody body, NameTag name) {
    VdiLookup found = find(body, name);
    VdiEntry entry = found.entry();
    if (entry == null || entry.state() != VdiEntry.State.HEAD) {
      return completed(found); // snapshots are never locked (R12)
    }
    LockKind kind =
        switch (body.type()) {
          case VdiBody.LOCK_HELD -> LockKind.HELD;
          case VdiBody.LOCK_SHARED -> LockKind.SHARED;
          case VdiBody.LOCK_ATTACHED -> LockKind.ATTACHED;
          default -> LockKind.CLIENT;
        };
    return locks
        .lock(entry.vid(), session, kind)
        .thenApply(
            grant ->
                grant.code() == ResultCode.SUCCESS
                    ? VdiOutcome.of(entry)
                    : new VdiOutcome(grant.code(), null));
  }

  /** QEMU sends the name of the image along, tools do not (spec/client-behaviour.md). */
  private CompletionStage<VdiOutcome> release(
      ClientSession session, Request request, VdiBody body) {
    boolean isOrder = !request.hasFlag(RequestFlags.WRITE);
    return locks
        .release(body.baseVdiId(), session.clientAddress(), isOrder)
        .thenApply(
            code ->
                new VdiOutcome(
                    code == ResultCode.VDI_NOT_LOCKED ? ResultCode.SUCCESS : code, null));
  }

  private CompletionStage<VdiOutcome> info(VdiBody body, NameTag name) {
    return completed(find(body, name));
  }

  private CompletionStage<VdiOutcome> delete(ClientSession session, VdiBody body, NameTag name) {
    VdiLookup found = find(body, name);
    VdiEntry entry = found.entry();
    if (entry == null) {
      return completed(found);
    }
    VdiEntry base = agent.state().directory().entry(body.baseVdiId());
    boolean goesToSnapshot =
        base != null
            && entry.state() == VdiEntry.State.HEAD
            && base.state() == VdiEntry.State.SNAPSHOT
            && base.name().equals(entry.name());
    return goesToSnapshot
        ? deletion.retire(entry, session.clientAddress())
        : deletion.delete(entry, session.clientAddress());
  }

  private VdiLookup find(VdiBody body, NameTag name) {
    return agent.state().directory().lookup(name.name(), name.tag(), body.snapshotId());
  }

  private static CompletionStage<VdiOutcome> completed(VdiLookup found) {
    VdiEntry entry = found.entry();
    return CompletableFuture.completedFuture(
        entry == null ? new VdiOutcome(found.code(), null) : VdiOutcome.of(entry));
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    boolean own = sender != null && agent.isSelf(sender);
    copies.look();
    if (before.locks() != after.locks()) {
      sweep.locksChanged(after.locks());
    }
    if (own && outcome instanceof Outcome.Reserved reserved) {
      creation.started(reserved.entry().vid());
    } else if (own && event instanceof VdiDelete delete && outcome instanceof Outcome.Done) {
      deletion.started(delete.vid());
      beginAgain(before.directory(), after.directory());
    } else if (own && event instanceof LockRelease) {
      beginAgain(before.directory(), after.directory());
    } else if (event == null || outcome instanceof Outcome.Evicted) {
      // only in the new epoch: until then a replica may still take what the dead member had sent it
      agent.whenEpochServed(after.epoch(), () -> inherit(agent.state().directory()));
    }
  }

  /**
   * What members that are gone had begun and the state has passed to this node; what this node
   * itself runs goes on.
   */
  private void inherit(VdiDirectory directory) {
    directory
        .reservations()
        .forEach(
            (vid, reservation) -> {
              if (agent.isSelf(reservation.originator())) {
                creation.inherit(vid, reservation.frozen());
              }
            });
    directory.deletions().keySet().forEach(vid -> inheritDeletion(directory, vid));
  }

  /** The end of a lock through this node has made deletions begin once more. */
  private void beginAgain(VdiDirectory before, VdiDirectory after) {
    for (VdiId vid : after.deletions().keySet()) {
      if (!before.deletions().containsKey(vid)) {
        inheritDeletion(after, vid);
      }
    }
  }

  private void inheritDeletion(VdiDirectory directory, VdiId vid) {
    VdiEntry entry = directory.entry(vid);
    MemberId originator = directory.deletions().get(vid);
    if (entry != null && originator != null && agent.isSelf(originator)) {
      deletion.inherit(entry);
    }
  }
}
