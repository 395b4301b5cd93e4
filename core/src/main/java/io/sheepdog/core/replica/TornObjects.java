package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Objects whose replicas may differ because the gateway of a write is gone (R16), or because all
 * nodes had ended while they were written to (R10).
 *
 * <p>When an epoch begins, all members tell each other which writes of gateways that are gone they
 * carried out and do not know to be everywhere. Until a node has heard those that may know of an
 * object, nothing passes to it; from then on, nothing passes to those until their first home in
 * this epoch has given the other homes what it has there. Whether that is before or after the
 * write, it stays so: nobody was told that the write succeeded, and nobody has read there since the
 * gateway died.
 *
 * <p>After the end of all nodes nobody remembers writes; what was dirty on disk is torn then,
 * whole.
 *
 * <p>What is known of a torn object stays known until its first home says that it is repaired;
 * should that one die before, the next epoch begins with it again.
 */
final class TornObjects {
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final Epoch FIRST = new Epoch(1);
  private static final int ENTRY = Long.BYTES + 2 * Integer.BYTES;

  /** Epochs without a complete one among them that are looked at; beyond, all is waited for. */
  private static final int MOST_TIERS = 64;

  private static final int PAGE = 64 << 10;

  /** No object has this id, and all that have one are greater. */
  private static final ObjectId BEGINNING = new ObjectId(0);

  private final ClusterView cluster;
  private final ObjectShapes shapes;
  private final TornRepair.Factory repairs;
  private final Transport transport;
  private final Scheduler scheduler;
  private final RecoveryPolicy policy;

  /** Runs when an epoch is served for the first time, before anything else looks at it. */
  private final Runnable onEpoch;

  private final UnsettledWrites unsettled = new UnsettledWrites();

  /**
   * All that this node knows of, ascending: repairs begin in an order that is the same each time.
   */
  private final TreeMap<ObjectId, ByteRange> torn = new TreeMap<>();

  /** Those with a home here that are not repaired in this epoch. */
  private final Set<ObjectId> held = new HashSet<>();

  /** Those of which this node is the first home in this epoch. */
  private RepairQueue queue = new RepairQueue(oid -> {});

  /** Those of which another node is, and was told that somebody waits. */
  private final Set<ObjectId> hurried = new HashSet<>();

  /** Those that were repaired in this epoch. */
  private final Set<ObjectId> repaired = new HashSet<>();

  private final ArrayDeque<Consumer<ResultCode>> untilHeard = new ArrayDeque<>();
  private final Map<ObjectId, ArrayDeque<Consumer<ResultCode>>> untilRepaired = new HashMap<>();
  private Epoch epoch = Epoch.ZERO;

  /** In which all nodes came back after all had ended; ZERO if that was before this process. */
  private Epoch startedIn = Epoch.ZERO;

  /** Who has not said yet what it knows. */
  private final Set<NodeAddress> unheard = new HashSet<>();

  TornObjects(
      ClusterView cluster,
      ObjectShapes shapes,
      TornRepair.Factory repairs,
      Transport transport,
      Scheduler scheduler,
      RecoveryPolicy policy,
      Runnable onEpoch) {
    this.cluster = cluster;
    this.shapes = shapes;
    this.repairs = repairs;
    this.transport = transport;
    this.scheduler = scheduler;
    this.policy = policy;
    this.onEpoch = onEpoch;
  }

  /** A write of another daemon's gateway is handed to the store. */
  void noteWrite(PeerRequest write, int length) {
    if (write.gateway() != 0) {
      long from = write.body().offset();
      unsettled.note(
          write.gateway(),
          write.number(),
          write.settled(),
          write.oid(),
          new ByteRange(from, from + length));
    }
  }

  /**
   * All nodes of the newest epoch have come back and go on in {@code started}. What they had under
   * way when they ended may be on some replicas only.
   *
   * @param suspects what may have been written then, of which this node has a copy
   */
  void clusterStarted(Epoch started, Collection<ObjectId> suspects) {
    if (policy.comparesDirtyObjects()) {
      startedIn = started;
      suspects.forEach(oid -> torn.put(oid, ByteRange.WHOLE));
    }
  }

  /** Whether the object must not be touched yet in the epoch being served. */
  boolean holdUp(ObjectId oid) {
    follow();
    return held.contains(oid) || awaits(oid);
  }

  /**
   * Whether somebody may know of the object who has not been heard: one of its homes since the
   * newest complete epoch.
   */
  private boolean awaits(ObjectId oid) {
    ObjectAttributes shape = unheard.isEmpty() ? null : shapes.of(oid);
    if (shape == null) {
      return false;
    }
    int newest = hasStarted() ? epoch.value() : epoch.value() - 1;
    int oldest = Math.max(1, cluster.state().recovery().complete().value());
    for (int tier = newest; tier >= oldest && newest - tier < MOST_TIERS; tier--) {
      Epoch then = new Epoch(tier);
      for (NodeAddress home : cluster.ring(then).targets(oid, shapes.copiesIn(oid, then))) {
        if (unheard.contains(home)) {
          return true;
        }
      }
    }
    return newest - oldest >= MOST_TIERS;
  }

  /** Whether this is the epoch in which all nodes came back. */
  private boolean hasStarted() {
    return epoch.equals(startedIn);
  }

  /**
   * Runs {@code action} when the object may be touched, with SUCCESS; or with AGAIN when the epoch
   * has changed or this node's membership has ended.
   *
   * @param isUrgent whether a request waits, which goes before other objects
   */
  void later(ObjectId oid, boolean isUrgent, Consumer<ResultCode> action) {
    if (awaits(oid)) {
      untilHeard.add(action);
      return;
    }
    untilRepaired.computeIfAbsent(oid, o -> new ArrayDeque<>()).add(action);
    if (isUrgent) {
      hurry(oid);
    }
  }

  private void hurry(ObjectId oid) {
    List<NodeAddress> homes = homes(oid);
    if (homes.isEmpty() || cluster.isSelf(homes.get(0))) {
      queue.hurry(oid);
    } else if (hurried.add(oid)) {
      Request request =
          Request.of(Opcode.PEER_REPAIR_SOON, PeerBody.of(oid, 0, 0)).withEpoch(epoch);
      // if it is not heard, the object is repaired when its turn comes
      transport.send(homes.get(0), request, Unpooled.EMPTY_BUFFER).thenAccept(Reply::release);
    }
  }

  /** Somebody waits at another node for an object that this one repairs. */
  void hurried(ObjectId oid) {
    follow();
    queue.hurry(oid);
  }

  /**
   * What this node knows of, for PEER_TORN.
   *
   * @param entries as {@link Opcode#PEER_TORN} says
   */
  record Page(ByteBuf entries, boolean isLast) {}

  /** The objects greater than {@code after}; at most {@code room} bytes. */
  Page list(ObjectId after, int room) {
    follow();
    ByteBuf list = Unpooled.buffer(Math.min(room, PAGE));
    for (Map.Entry<ObjectId, ByteRange> object : torn.tailMap(after, false).entrySet()) {
      if (list.readableBytes() + ENTRY > Math.min(room, PAGE)) {
        return new Page(list, false);
      }
      list.writeLongLE(object.getKey().value());
      list.writeIntLE((int) object.getValue().from());
      list.writeIntLE((int) object.getValue().to());
    }
    return new Page(list, true);
  }

  /** The first home of that object says that all homes have the same now. */
  void repaired(ObjectId oid) {
    follow();
    torn.remove(oid);
    held.remove(oid);
    repaired.add(oid);
    ArrayDeque<Consumer<ResultCode>> waiting = untilRepaired.remove(oid);
    while (waiting != null && !waiting.isEmpty()) {
      waiting.remove().accept(ResultCode.SUCCESS);
    }
  }

  /** The epoch is complete: every home was repaired, what others still know is of the past. */
  void complete() {
    if (unheard.isEmpty() && held.isEmpty() && epoch.equals(cluster.servingEpoch())) {
      torn.clear();
    }
  }

  /** The cluster was formatted: there are no objects. */
  void clear() {
    unsettled.clear();
    torn.clear();
  }

  /** Begins with the epoch being served, if that is a new one. */
  void follow() {
    if (epoch.equals(cluster.servingEpoch())) {
      return;
    }
    onEpoch.run();
    epoch = cluster.servingEpoch();
    held.clear();
    hurried.clear();
    queue = new RepairQueue(this::repair);
    repaired.clear();
    unheard.clear();
    Set<Long> present = new HashSet<>();
    cluster.state().members().values().forEach(member -> present.add(member.incarnation()));
    unsettled.moveTo(torn, gateway -> !present.contains(gateway));
    if ((epoch.isNewerThan(FIRST) || hasStarted()) && policy.repairsTornObjects()) {
      List<Member> known = membersOfBefore();
      known.forEach(member -> unheard.add(member.node().address()));
      Epoch asked = epoch;
      known.forEach(member -> ask(member, asked, BEGINNING));
      look();
    } else {
      torn.clear();
    }
    release();
    cluster.whenEpochServed(epoch.next(), this::release);
  }

  /** Who waits looks where the object is now. */
  private void release() {
    List<Consumer<ResultCode>> all = new ArrayList<>(untilHeard);
    untilHeard.clear();
    untilRepaired.values().forEach(all::addAll);
    untilRepaired.clear();
    all.forEach(action -> action.accept(ResultCode.AGAIN));
  }

  /** Who has come with this epoch knows nothing of writes. */
  private List<Member> membersOfBefore() {
    EpochRecord before = cluster.state().epochRecord(new Epoch(epoch.value() - 1));
    List<Member> members = new ArrayList<>();
    for (Member member : cluster.state().syncedMembers()) {
      boolean wasThere =
          hasStarted() || before == null || before.nodes().stream().anyMatch(n -> n.isSame(member));
      if (wasThere && !cluster.isSelf(member.node().address())) {
        members.add(member);
      }
    }
    return members;
  }

  private void ask(Member member, Epoch asked, ObjectId after) {
    if (!asked.equals(epoch) || cluster.incarnation() == 0) {
      return;
    }
    Request request =
        Request.of(
                Opcode.PEER_TORN,
                RequestFlags.NONE,
                PAGE,
                PeerBody.of(after, 0, 0).withIncarnation(member.incarnation()))
            .withEpoch(asked);
    transport
        .send(member.node().address(), request, Unpooled.EMPTY_BUFFER)
        .whenComplete(
            (reply, failure) -> {
              if (reply == null || !reply.header().isSuccess()) {
                if (reply != null) {
                  reply.release();
                }
                scheduler.schedule(RETRY, () -> ask(member, asked, after));
              } else {
                heard(member, asked, reply);
              }
            });
  }

  private void heard(Member member, Epoch asked, Reply reply) {
    ByteBuf list = reply.payload();
    ObjectId last = BEGINNING;
    while (asked.equals(epoch) && list.readableBytes() >= ENTRY) {
      ObjectId oid = last = new ObjectId(list.readLongLE());
      ByteRange range = new ByteRange(list.readUnsignedIntLE(), list.readUnsignedIntLE());
      if (homes(oid).stream().anyMatch(cluster::isSelf)) {
        torn.merge(oid, range, ByteRange::hull);
      }
    }
    boolean isLast =
        !(reply.header().body() instanceof PeerReply body && body.aux() != 0)
            || last.equals(BEGINNING);
    reply.release();
    if (!asked.equals(epoch)) {
      return;
    }
    if (isLast) {
      unheard.remove(member.node().address());
      look();
    } else {
      ask(member, asked, last);
    }
  }

  /**
   * Somebody was heard: begins the repairs that are known whole, and lets pass what is not held up.
   */
  private void look() {
    torn.keySet().removeIf(oid -> repaired.contains(oid) || shapes.of(oid) == null);
    for (Map.Entry<ObjectId, ByteRange> object : new TreeMap<>(torn).entrySet()) {
      ObjectId oid = object.getKey();
      List<NodeAddress> homes = homes(oid);
      if (homes.stream().anyMatch(cluster::isSelf)) {
        held.add(oid);
        if (cluster.isSelf(homes.get(0)) && !awaits(oid)) {
          queue.add(oid);
        }
      }
    }
    List<Consumer<ResultCode>> all = new ArrayList<>(untilHeard);
    untilHeard.clear();
    all.forEach(action -> action.accept(ResultCode.SUCCESS));
  }

  private void repair(ObjectId oid) {
    RepairQueue begunBy = queue;
    List<NodeAddress> homes = homes(oid);
    ByteRange range = torn.get(oid);
    if (range == null || homes.size() < 2) {
      repaired(oid);
      begunBy.ended();
    } else {
      repairs.repair(
          oid,
          range,
          epoch,
          homes.subList(1, homes.size()),
          () -> {
            repaired(oid);
            begunBy.ended();
          });
    }
  }

  private List<NodeAddress> homes(ObjectId oid) {
    ObjectAttributes shape = shapes.of(oid);
    return shape == null
        ? List.of()
        : cluster.ring(epoch).targets(oid, shapes.copiesIn(oid, epoch));
  }
}
