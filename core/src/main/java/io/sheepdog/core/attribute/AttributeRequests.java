package io.sheepdog.core.attribute;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.StateListener;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiLookup;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.VdiAttribute;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * GET_VDI_ATTR (spec/wire-protocol.md section 6.2): finds, makes, and deletes attributes.
 *
 * <p>Making one only if it is not there must have one winner in the whole cluster, so the oldest
 * member carries out all of these requests, those about one name one after the other; other members
 * pass theirs on to it. It stays the oldest until it is no member any more, and then nobody takes
 * its writes (they are of an old epoch), so the next oldest finds all that was answered. A request
 * that was passed on and got no answer is sent again, to the oldest of then: an attribute that was
 * to be made if it is not there may then be found to be there.
 *
 * <p>With the last VDI or snapshot of a name its attributes go. The oldest member sees to that when
 * the deletion is applied, before it can get a request about a new VDI of that name.
 */
public final class AttributeRequests implements StateListener {
  private static final Duration RETRY = Duration.ofMillis(50);

  private final ClusterAgent agent;
  private final Transport transport;
  private final Scheduler scheduler;
  private final AttributeSlots slots;
  private final Lister lister;
  private boolean oldest;

  /** The last request about each name, by the vid that its attributes are kept under. */
  private final Map<VdiId, CompletableFuture<Void>> queues = new HashMap<>();

  /** Finds objects. */
  public interface Lister {
    /** Hands over every object of a vid that any member holds, possibly more than once. */
    CompletionStage<ResultCode> list(VdiId vid, Consumer<ObjectId> found);
  }

  /** Creates the service of a node, which follows the agent's state from now on. */
  public AttributeRequests(
      ClusterAgent agent,
      ObjectGateway gateway,
      Transport transport,
      Scheduler scheduler,
      Lister lister) {
    this.agent = agent;
    this.transport = transport;
    this.scheduler = scheduler;
    this.slots = new AttributeSlots(gateway);
    this.lister = lister;
    agent.addListener(this);
  }

  /**
   * Carries out a request.
   *
   * @param payload the attribute; not consumed
   */
  public CompletionStage<Reply> handle(ClientSession session, Request request, ByteBuf payload) {
    VdiAttribute attribute;
    try {
      if (payload.readableBytes() != VdiAttribute.SIZE) {
        return answer(request, ResultCode.INVALID_PARMS);
      }
      attribute = VdiAttribute.decode(payload.duplicate());
    } catch (ProtocolException e) {
      return answer(request, ResultCode.INVALID_PARMS);
    }
    if (attribute.name().isEmpty() || attribute.key().isEmpty()) {
      return answer(request, ResultCode.INVALID_PARMS);
    }
    if (agent.isOldest()) {
      return inTurn(VdiId.hashOf(attribute.name()), () -> carryOut(request, attribute));
    }
    return session.peer() == 0 ? passOn(request, payload) : answer(request, ResultCode.AGAIN);
  }

  private CompletionStage<Reply> answer(Request request, ResultCode code) {
    return answer(request, code, VdiReply.EMPTY);
  }

  private CompletionStage<Reply> answer(Request request, ResultCode code, VdiReply body) {
    return CompletableFuture.completedFuture(
        new Reply(Response.to(request, agent.state().epoch(), code, body), Unpooled.EMPTY_BUFFER));
  }

  private CompletionStage<Reply> passOn(Request request, ByteBuf payload) {
    CompletableFuture<Reply> result = new CompletableFuture<>();
    payload.retain();
    passOn(request, payload, result);
    return result.whenComplete((reply, failure) -> payload.release());
  }

  private void passOn(Request request, ByteBuf payload, CompletableFuture<Reply> result) {
    Member oldest = agent.state().oldest();
    if (!agent.synced() || oldest == null) {
      answer(request, ResultCode.EIO).thenAccept(result::complete);
      return;
    }
    if (agent.isSelf(oldest.id())) {
      VdiAttribute attribute = VdiAttribute.decode(payload.duplicate());
      inTurn(VdiId.hashOf(attribute.name()), () -> carryOut(request, attribute))
          .whenComplete(
              (reply, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  result.complete(reply);
                }
              });
      return;
    }
    transport
        .send(oldest.node().address(), request, payload)
        .thenAccept(
            reply -> {
              reply.release();
              ResultCode code = reply.header().resultCode();
              if (code == null || isPassing(code) || isBehind(code, payload)) {
                scheduler.schedule(RETRY, () -> passOn(request, payload, result));
              } else {
                result.complete(
                    new Reply(
                        reply.header().withId(request.id()).withEpoch(agent.state().epoch()),
                        Unpooled.EMPTY_BUFFER));
              }
            });
  }

  /** Whether the other node does not know a VDI yet that this one knows. */
  private boolean isBehind(ResultCode code, ByteBuf payload) {
    if (code != ResultCode.NO_VDI && code != ResultCode.NO_TAG) {
      return false;
    }
    VdiAttribute asked = VdiAttribute.decode(payload.duplicate());
    return agent
        .state()
        .directory()
        .lookup(asked.name(), asked.tag(), asked.snapshotId())
        .isFound();
  }

  /** Whether the other node did not carry it out, or is not there to say. */
  private static boolean isPassing(ResultCode code) {
    return switch (code) {
      case NETWORK_ERROR, AGAIN, WAIT_FOR_JOIN, WAIT_FOR_FORMAT, STARTUP, SHUTDOWN -> true;
      default -> false;
    };
  }

  private <T> CompletionStage<T> inTurn(VdiId name, Supplier<CompletionStage<T>> work) {
    CompletableFuture<Void> before =
        queues.getOrDefault(name, CompletableFuture.completedFuture(null));
    CompletableFuture<Void> done = new CompletableFuture<>();
    queues.put(name, done);
    return before
        .thenCompose(ignored -> work.get())
        .whenComplete(
            (result, failure) -> {
              queues.remove(name, done);
              done.complete(null);
            });
  }

  private CompletionStage<Reply> carryOut(Request request, VdiAttribute asked) {
    if (!agent.isOldest()) {
      return answer(request, ResultCode.AGAIN);
    }
    VdiLookup vdi = agent.state().directory().lookup(asked.name(), asked.tag(), asked.snapshotId());
    ClusterConfig config = agent.state().config();
    VdiEntry entry = vdi.entry();
    if (entry == null || config == null) {
      return answer(request, entry == null ? vdi.code() : ResultCode.WAIT_FOR_FORMAT);
    }
    VdiAttribute attribute = asked.withCreateTime(entry.createTime());
    return slots
        .find(attribute)
        .thenCompose(
            found -> {
              ObjectId slot = found.slot();
              boolean there = found.code() == ResultCode.SUCCESS;
              boolean make = request.hasFlag(RequestFlags.CREAT);
              if (slot == null || (!there && !make)) {
                return answer(request, found.code());
              }
              if (there && make && request.hasFlag(RequestFlags.EXCL)) {
                return answer(request, ResultCode.VDI_EXIST);
              }
              CompletionStage<ResultCode> changed =
                  make
                      ? slots.put(slot, attribute, config.copies())
                      : request.hasFlag(RequestFlags.DEL)
                          ? slots.clear(slot)
                          : CompletableFuture.completedFuture(ResultCode.SUCCESS);
              return changed.thenCompose(
                  code ->
                      answer(
                          request,
                          code,
                          new VdiReply(slot.vid(), (int) slot.index(), config.copies(), 0)));
            });
  }

  @Override
  public void applied(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    boolean isNow = agent.isOldest();
    if (!isNow) {
      oldest = false;
    } else if (!oldest) {
      oldest = true;
      // what the former oldest had not come to
      agent.whenEpochServed(after.epoch(), () -> allDeleted(agent.state()));
    } else if (event instanceof VdiDelete delete && outcome instanceof Outcome.Done) {
      deleted(delete.vid(), before);
    }
  }

  private void allDeleted(ClusterState state) {
    state.directory().deletions().keySet().forEach(vid -> deleted(vid, state));
  }

  private void deleted(VdiId vid, ClusterState known) {
    VdiEntry entry = known.directory().entry(vid);
    if (entry != null && !entry.name().isEmpty() && !isThere(entry.name())) {
      VdiId family = VdiId.hashOf(entry.name());
      inTurn(family, () -> forget(family, entry.name()));
    }
  }

  private boolean isThere(String name) {
    return agent.state().directory().generations(name).stream()
        .anyMatch(e -> e.state() == VdiEntry.State.HEAD || e.state() == VdiEntry.State.SNAPSHOT);
  }

  /** Deletes the attributes of a name; tries until it is done, or this node is not the oldest. */
  private CompletionStage<Void> forget(VdiId family, String name) {
    Set<ObjectId> found = new TreeSet<>(Comparator.reverseOrder());
    return lister
        .list(
            family,
            oid -> {
              if (oid.kind() == ObjectKind.ATTRIBUTE) {
                found.add(oid);
              }
            })
        .thenCompose(
            code -> code == ResultCode.SUCCESS ? clearAll(found.iterator(), name) : completed(code))
        .thenCompose(
            code -> {
              if (code == ResultCode.SUCCESS || !agent.synced() || !agent.isOldest()) {
                return CompletableFuture.completedFuture(null);
              }
              CompletableFuture<Void> later = new CompletableFuture<>();
              scheduler.schedule(RETRY, () -> later.complete(null));
              return later.thenCompose(ignored -> forget(family, name));
            });
  }

  private static CompletionStage<ResultCode> completed(ResultCode code) {
    return CompletableFuture.completedFuture(code);
  }

  private CompletionStage<ResultCode> clearAll(Iterator<ObjectId> found, String name) {
    if (!found.hasNext()) {
      return completed(ResultCode.SUCCESS);
    }
    return slots
        .clearIfOf(name, found.next())
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS || code == ResultCode.NO_OBJ
                    ? clearAll(found, name)
                    : completed(code));
  }
}
