package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.VnodesStrategy;
import io.sheepdog.core.sim.check.StateAgreement;
import io.sheepdog.core.sim.check.StoreInvariants;
import io.sheepdog.core.sim.check.StoreInvariants.Disk;
import io.sheepdog.core.sim.check.Violations;
import io.sheepdog.core.sim.client.ClientHost;
import io.sheepdog.core.sim.cluster.SimCluster;
import io.sheepdog.core.sim.cluster.SimClusterDriver;
import io.sheepdog.core.sim.net.BufferLedger;
import io.sheepdog.core.sim.net.ClientNetwork;
import io.sheepdog.core.sim.net.PeerNetwork;
import io.sheepdog.core.sim.store.MemoryMetaStore;
import io.sheepdog.core.sim.store.MemoryObjectStore;
import io.sheepdog.core.sim.store.MetaContents;
import io.sheepdog.core.sim.store.StoreContents;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.OperationClass;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A cluster, its network and its disks; everything random in it comes from one seed. */
final class SimWorld {
  private static final long STORE_SPACE = 1L << 40;

  /** Until all have noticed. */
  private static final long AFTER_THE_END = 1_000_000_000L;

  private final EventQueue queue = new EventQueue();
  private final Violations violations;
  private final SplittableRandom random;
  private final WorldShape shape;
  private final SimCluster cluster;
  private final PeerNetwork peers;
  private final ClientNetwork clients;
  private final List<SimNode> nodes = new ArrayList<>();
  private final StoreInvariants invariants;
  private final StateAgreement agreement;
  private final FaultCounts faults = new FaultCounts();
  private final List<CrashPlan> crashPlans = new ArrayList<>();
  private boolean crashPlansHeld;
  private int crashes;
  private @Nullable SimNode inTrouble;
  private final boolean watchesNodes;
  private final Map<VdiId, Long> writtenUnder = new HashMap<>();
  private final Mistake mistake;
  private final List<Hardware> hardware = new ArrayList<>();
  private final Map<NodeAddress, MemoryObjectStore> disks = new HashMap<>();
  private final int vnodes;
  private final Set<SimNode> brokenDisks = new LinkedHashSet<>();
  private int losses;

  /** Objects of which a disk has changed a byte. */
  private final Set<ObjectId> flipped = new HashSet<>();

  /** That every object had when losses were forgiven last: there may be fewer zones than copies. */
  private int replicas;

  private boolean nodesCome;
  private boolean settled;

  /** What a node finds again when it comes back. */
  private record Hardware(StoreContents objects, MetaContents meta) {}

  SimWorld(SplittableRandom random, WorldShape shape, Mistake mistake, boolean tracing) {
    this(random, shape, mistake, tracing, 0);
  }

  /**
   * @param vnodes of each node at first; 0 if they follow from the sizes of the disks
   */
  SimWorld(
      SplittableRandom random, WorldShape shape, Mistake mistake, boolean tracing, int vnodes) {
    this.vnodes = vnodes;
    violations = new Violations(queue, tracing);
    agreement = new StateAgreement(violations);
    this.random = random;
    this.shape = shape;
    replicas = shape.copies();
    watchesNodes = mistake.watchesNodes();
    this.mistake = mistake;
    cluster = new SimCluster(queue, random.split(), Delays.CLUSTER, Delays.DETECTION);
    peers = new PeerNetwork(queue, random.split(), Delays.NETWORK);
    clients = new ClientNetwork(queue, random.split(), Delays.NETWORK);
    invariants = new StoreInvariants(new Disks(), shape.geometry().objects(), violations);
    for (int i = 0; i < shape.nodes(); i++) {
      addNode();
    }
  }

  private SimNode addNode() {
    SimNode node = node(nodes.size());
    nodes.add(node);
    return node;
  }

  /** A new node with an empty disk joins. */
  void join() {
    nodesCome = true;
    SimNode node = addNode();
    violations.trace(() -> node + " joins");
    node.node().start();
  }

  /** Objects are about to have another number of copies. */
  void copiesChange() {
    nodesCome = true;
  }

  /** Weights are about to change. */
  void weightsChange() {
    nodesCome = true;
  }

  /** Weights are about to change, and one disk is larger or smaller from now on. */
  void resizeDisk(SimNode node, long bytes) {
    nodesCome = true;
    violations.trace(() -> "the disk of " + node + " has " + bytes + " bytes");
    node.disk().contents().setCapacity(bytes);
  }

  /** A node that has died is started again on its disk; nothing of its page cache was lost. */
  void bringBack(SimNode dead) {
    nodesCome = true;
    if (living().isEmpty()) {
      // locks are in memory only
      writtenUnder.clear();
    }
    int index = nodes.indexOf(dead);
    SimNode node = node(index);
    nodes.set(index, node);
    violations.trace(() -> node + " comes back");
    node.node().start();
  }

  /**
   * All nodes end at the same moment; later all there ever were are started again.
   *
   * @param losePower of which what was not synced is lost
   */
  void restartAll(Collection<SimNode> losePower) {
    violations.trace(() -> "all nodes end, the power has failed at " + losePower);
    for (SimNode node : living()) {
      for (Phase phase : Phase.values()) {
        if (node.isInTheMiddleOf(phase)) {
          faults.count(phase.fault());
        }
      }
      end(node);
    }
    inTrouble = null;
    losePower.forEach(node -> node.disk().contents().losePower(random));
    for (SimNode node : List.copyOf(nodes)) {
      queue.after(AFTER_THE_END + random.nextLong(AFTER_THE_END), () -> bringBack(node));
    }
  }

  private void end(SimNode node) {
    node.process().kill();
    cluster.died(node.driver());
    peers.died(node.address());
    clients.died(node.process());
  }

  private SimNode node(int index) {
    boolean isNew = index == hardware.size();
    StoreContents contents = isNew ? new StoreContents() : hardware.get(index).objects();
    if (!mistake.verifiesReads()) {
      contents.neverLook();
    }
    if (!mistake.verifiesCopies()) {
      contents.neverLookWhenCopying();
    }
    NodeAddress address = NodeAddress.parse("127.0.0.1:" + (7000 + index));
    SimProcess process = new SimProcess(queue, "node" + index, random.nextLong(1L << 40));
    BufferLedger buffers = new BufferLedger();
    SimClusterDriver driver = cluster.driver(process);
    MemoryObjectStore store =
        new MemoryObjectStore(
            contents,
            process,
            random.split(),
            Delays.DISK,
            buffers,
            SimNode.watch(
                () -> nodes.get(index),
                () -> brokenDisks.contains(nodes.get(index)),
                invariants.watcher(process.name())));
    disks.put(address, store);
    long incarnation = random.nextLong(1, Long.MAX_VALUE);
    Transport transport = peers.transport(address, incarnation, process, buffers);
    if (isNew) {
      long storeId = random.nextLong(1, Long.MAX_VALUE);
      hardware.add(new Hardware(contents, new MetaContents(storeId, STORE_SPACE)));
    }
    Platform platform =
        new Platform(
            process,
            process,
            transport,
            mistake.store(store, process),
            new MemoryMetaStore(hardware.get(index).meta(), process, random.split(), Delays.DISK),
            driver);
    SimNode node =
        new SimNode(
            NodeEntry.of(
                address,
                vnodesOf(platform.meta()),
                index,
                hardware.get(index).meta().announcedSpace()),
            incarnation,
            process,
            buffers,
            contents,
            driver,
            platform,
            mistake,
            violations,
            new NodeWatcher());
    node.node().agent().addListener(agreement.listener(process));
    node.node().agent().addListener(peers.connectionsOf(address));
    node.node()
        .agent()
        .addListener(
            (before, after, sender, event, outcome) -> {
              if (outcome instanceof Outcome.Evicted out) {
                nodes.stream()
                    .filter(other -> other.address().equals(out.address()))
                    .forEach(this::evicted);
              }
            });
    peers.listen(
        address,
        process,
        buffers,
        () -> node.node().agent().servingIncarnation(),
        node::handlePeer);
    clients.listen(address, node);
    return node;
  }

  /** An operator starts a node with the number that it had last. */
  private int vnodesOf(MetaStore meta) {
    int last = VnodesStrategy.lastFixed(meta);
    return last > 0 ? last : vnodes;
  }

  private final class NodeWatcher implements SimNode.Watcher {
    @Override
    public void begins(SimNode node, Phase phase) {
      if (!crashPlansHeld) {
        crashPlans.forEach(plan -> plan.notice(phase, node, SimWorld.this));
      }
    }

    /**
     * R5: nobody answers from an epoch while another serves one that the answerer does not know.
     */
    @Override
    public void answers(SimNode node, Request request) {
      Opcode opcode = request.operation();
      boolean serves = opcode != null && opcode.operationClass() == OperationClass.GATEWAY;
      Epoch known = node.node().agent().state().epoch();
      for (SimNode other : nodes) {
        Epoch served = other.node().agent().servingEpoch();
        if (serves && watchesNodes && served.isNewerThan(known)) {
          violations.report(
              "R5",
              node
                  + " of epoch "
                  + known
                  + " answers "
                  + request
                  + " while "
                  + other
                  + " serves epoch "
                  + served);
        }
      }
    }

    @Override
    public boolean isLate(SimNode.UnderLock change) {
      return watchesNodes && change.generation() < writtenUnder.getOrDefault(change.vid(), 0L);
    }

    @Override
    public void carriedOut(SimNode.UnderLock change) {
      writtenUnder.merge(change.vid(), change.generation(), Math::max);
    }

    @Override
    public void lockWaits() {
      faults.count(Fault.LOCK_WAITS_FOR_WRITES);
    }

    @Override
    public void evicted(SimNode node) {
      SimWorld.this.evicted(node);
    }

    @Override
    public void gaveUp(SimNode node) {
      violations.trace(() -> node + " has heard that it is out");
      node.process().kill();
      clients.died(node.process());
      peers.died(node.address());
    }
  }

  EventQueue queue() {
    return queue;
  }

  Violations violations() {
    return violations;
  }

  WorldShape shape() {
    return shape;
  }

  ClientNetwork clients() {
    return clients;
  }

  PeerNetwork peers() {
    return peers;
  }

  FaultCounts faults() {
    return faults;
  }

  StoreInvariants invariants() {
    return invariants;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  List<SimNode> living() {
    return nodes.stream()
        .filter(node -> node.process().alive() && !node.process().isExpelled())
        .toList();
  }

  /** Those of them whose disks work. */
  private List<SimNode> storing() {
    return living().stream().filter(node -> !brokenDisks.contains(node)).toList();
  }

  /** Keeps planned crashes from happening, or lets them happen again. */
  void holdCrashPlans(boolean hold) {
    crashPlansHeld = hold;
  }

  void plan(CrashPlan plan) {
    crashPlans.add(plan);
  }

  /** A client on a process of its own; it prefers one daemon as long as that lives. */
  ClientHost client(String name, String address, RandomGenerator clientRandom) {
    SimProcess process = new SimProcess(queue, name, clientRandom.nextLong(1L << 40));
    SimNode[] preferred = {nodes.get(clientRandom.nextInt(nodes.size()))};
    return new ClientHost(
        queue,
        process,
        address,
        clients,
        () -> {
          if (!preferred[0].process().alive() || preferred[0].process().isExpelled()) {
            List<SimNode> living = members();
            if (!living.isEmpty()) {
              preferred[0] = living.get(clientRandom.nextInt(living.size()));
            }
          }
          return preferred[0].address();
        },
        violations);
  }

  /** Suspends a client; its connections are gone when it comes back. */
  void suspend(SimProcess client, long nanos) {
    client.pause(nanos);
    clients.died(client);
  }

  /** No node dies or loses its disk from now on. */
  void keepAll() {
    losses = replicas;
  }

  /**
   * A disk changes a byte of an object of which all other replicas are good and stay so. Of inodes,
   * behind the part of the index that is in use: the checks look there themselves.
   */
  boolean flip(SplittableRandom random) {
    List<SimNode> living = living();
    StoreContents disk = living.get(random.nextInt(living.size())).disk().contents();
    List<ObjectId> here = disk.objects();
    if (here.isEmpty()) {
      return false;
    }
    ObjectId oid = here.get(random.nextInt(here.size()));
    long holders = living.stream().filter(node -> node.disk().contents().holds(oid)).count();
    if (flipped.contains(oid)
        || holders < replicas
        || replicas < 2
        || living.stream().anyMatch(node -> node.disk().contents().isRotten(oid))) {
      return false;
    }
    int block = random.nextInt(shape.geometry().blocksPerObject());
    long offset =
        switch (oid.kind()) {
          case DATA -> shape.geometry().offsetOf(block) + random.nextInt(512);
          case INODE -> InodeLayout.indexEntryOffset(1000 + random.nextInt(1000));
          default -> -1;
        };
    boolean isFlipped = offset >= 0 && disk.flip(oid, offset);
    if (isFlipped) {
      flipped.add(oid);
    }
    return isFlipped;
  }

  /** Whether some replica has bytes that are not those that were written. */
  boolean hasRot() {
    return storing().stream()
        .map(node -> node.disk().contents())
        .anyMatch(contents -> contents.objects().stream().anyMatch(contents::isRotten));
  }

  /** Kills a client with all its connections. */
  void crash(SimProcess client) {
    client.kill();
    clients.died(client);
  }

  /**
   * Kills a node, as long as that costs no data: at most copies - 1 in a schedule, or since {@link
   * #forgiveLosses}.
   */
  void crash(SimNode node) {
    boolean isOut = !node.process().alive() || node.process().isExpelled();
    if (isOut || inTrouble != null || losses >= replicas - 1) {
      return;
    }
    crashAnyway(node);
  }

  /** Kills a node, even if data will be away until it, or another one, comes back. */
  void crashAnyway(SimNode node) {
    losses++;
    for (Phase phase : Phase.values()) {
      if (node.isInTheMiddleOf(phase)) {
        faults.count(phase.fault());
      }
    }
    if (++crashes == 2) {
      faults.count(Fault.SECOND_CRASH);
    }
    violations.trace(() -> node + " dies");
    end(node);
  }

  /**
   * A node gets into trouble that will cost it its membership, unless that could cost data or a
   * majority. No other node dies until {@link #expel}.
   */
  boolean beginTrouble(SimNode node) {
    if (inTrouble != null || losses >= replicas - 1 || living().size() < 3) {
      return false;
    }
    losses++;
    crashes++;
    inTrouble = node;
    return true;
  }

  /** The node that was in trouble is a member still, and in none any more. */
  void endTrouble() {
    inTrouble = null;
    losses--;
    crashes--;
  }

  /**
   * A node's disk fails, which costs what is on it, unless that could be too much. The node lives
   * on.
   */
  boolean breakDisk(SimNode node) {
    boolean isOut = !node.process().alive() || node.process().isExpelled();
    long storing = living().stream().filter(other -> !brokenDisks.contains(other)).count();
    if (isOut
        || inTrouble != null
        || losses >= replicas - 1
        || storing < 2
        || !brokenDisks.add(node)) {
      return false;
    }
    losses++;
    crashes++;
    violations.trace(() -> "the disk of " + node + " fails");
    Objects.requireNonNull(disks.get(node.address())).breakDown();
    return true;
  }

  /** Disks that are broken are noticed now, so that the end can be looked at in peace. */
  void noticeBrokenDisks() {
    for (SimNode node : brokenDisks) {
      if (node.process().alive() && !node.process().isExpelled()) {
        Objects.requireNonNull(disks.get(node.address())).noticeBreakdown();
      }
    }
  }

  /** Whether the others know that the disk is out of service. */
  boolean hasLostItsDisk(SimNode node) {
    return node.node().agent().synced() && node.node().agent().self().node().space() == 0;
  }

  /** Nothing that the node's disk is given ends within that time. */
  void hangDisk(SimNode node, long nanos) {
    Objects.requireNonNull(disks.get(node.address())).hang(nanos);
  }

  /** The members themselves have given up one of them; that has to be one that is in trouble. */
  private void evicted(SimNode node) {
    if (node.process().isExpelled() || !node.process().alive()) {
      return;
    }
    if (node == inTrouble) {
      leaveBehind(node);
    } else {
      violations.report("eviction", node + " was given up although it answers most others");
    }
  }

  /** The others go on without the node that is in trouble; its connections are given up. */
  void expel(SimNode node, Departure how) {
    cluster.expel(node.driver(), how);
    leaveBehind(node);
  }

  private void leaveBehind(SimNode node) {
    inTrouble = null;
    violations.trace(() -> node + " is expelled");
    node.process().expel();
    peers.died(node.address());
    clients.died(node.process());
  }

  /** The nodes that live and are members. */
  List<SimNode> members() {
    return living().stream().filter(node -> node.node().agent().synced()).toList();
  }

  /**
   * Whether all nodes that live, and no others, serve the same epoch and know that everything is
   * where it belongs in it.
   */
  boolean isRecovered() {
    List<SimNode> living = living();
    return living.stream()
        .map(node -> node.node().agent())
        .allMatch(
            agent ->
                agent.synced()
                    && agent.state().status() == ClusterStatus.RUNNING
                    && agent.state().members().size() == living.size()
                    && agent.servingEpoch().equals(agent.state().epoch())
                    && agent.state().recovery().complete().equals(agent.servingEpoch()));
  }

  /** Whether no copy that was set aside is left. */
  boolean isPurged() {
    return storing().stream().allMatch(node -> node.disk().contents().objectsSetAside().isEmpty());
  }

  /** Everything has all its replicas again: as many nodes as before may die. */
  boolean forgiveLosses() {
    boolean isUnnoticed =
        living().stream().anyMatch(node -> brokenDisks.contains(node) && !hasLostItsDisk(node));
    if (isUnnoticed || !isRecovered()) {
      return false;
    }
    losses = 0;
    replicas = Math.min(shape.copies(), storing().size());
    return true;
  }

  /**
   * Some nodes whose power may fail without a loss: of each object a replica is elsewhere. None if
   * something may be missing already.
   */
  List<SimNode> mayLosePower() {
    boolean mayMiss = nodes.stream().anyMatch(node -> node.disk().contents().mayMissWrites());
    if (mayMiss || !forgiveLosses()) {
      return List.of();
    }
    List<SimNode> some = new ArrayList<>(nodes);
    Collections.shuffle(some, new Random(random.nextLong()));
    return some.subList(0, Math.min(some.size(), Math.max(0, replicas - 1)));
  }

  /** Checks the disks against the newest epoch; no time passes meanwhile. */
  void whileSettled(Runnable check) {
    settled = true;
    check.run();
    settled = false;
  }

  /** Number of nodes that have died. */
  int crashes() {
    return crashes;
  }

  /**
   * Lets things happen until {@code condition} holds; false when it does not within {@code nanos}
   * or a promise was broken.
   */
  boolean runUntil(BooleanSupplier condition, long nanos) {
    long end = queue.now() + nanos;
    while (!condition.getAsBoolean()) {
      if (queue.problem() != null || queue.now() > end || !queue.runNext()) {
        return false;
      }
    }
    return queue.problem() == null;
  }

  /** Lets that much time pass. */
  void runFor(long nanos) {
    boolean[] over = {false};
    queue.after(nanos, () -> over[0] = true);
    runUntil(() -> over[0], nanos);
  }

  boolean allMembersSynced() {
    return living().stream()
        .allMatch(
            node ->
                node.node().agent().synced()
                    && node.node().agent().state().members().size() == nodes.size());
  }

  boolean allServe() {
    return living().stream()
        .allMatch(
            node ->
                node.node().agent().state().status() == ClusterStatus.RUNNING
                    && !node.node().agent().servingEpoch().isZero());
  }

  private final class Disks implements StoreInvariants.DiskSet {
    @Override
    public List<Disk> living() {
      return isUnknown() ? List.of() : storing().stream().map(SimNode::disk).toList();
    }

    @Override
    public List<Disk> targets(ObjectId oid) {
      if (isUnknown()) {
        return List.of();
      }
      List<SimNode> living = storing();
      ClusterAgent agent = living.get(0).node().agent();
      Epoch epoch = settled ? agent.servingEpoch() : new Epoch(1);
      List<NodeAddress> targets =
          agent.ring(epoch).targets(oid, agent.state().copiesIn(oid, epoch));
      return living.stream()
          .filter(node -> targets.contains(node.address()))
          .map(SimNode::disk)
          .toList();
    }

    /** Where nodes come, a disk says little before recovery has ended. */
    private boolean isUnknown() {
      return nodesCome && !settled;
    }
  }
}
