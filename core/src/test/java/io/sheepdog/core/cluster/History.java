package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.time.Instant;
import java.util.Map;

/** Plays events on a state, as short as a test wants to say it. */
public final class History {
  /** When every played cluster was formatted. */
  public static final SheepTime BIRTH = SheepTime.of(Instant.parse("2010-05-17T12:00:00Z"));

  /** Three copies, 4 MiB objects, vnodes by space. */
  public static final ClusterConfig CONFIG =
      new ClusterConfig(BIRTH, 3, 0, 22, ClusterFlags.AUTO_VNODES);

  private static final long GIB = 1L << 30;

  private ClusterState state;
  private long tick;

  /** Goes on from a state. */
  public History(ClusterState state) {
    this.state = state;
  }

  /** A running cluster of that many nodes, numbered from 1. */
  public static History running(int nodes) {
    History history = new History(ClusterState.INITIAL);
    for (int i = 1; i <= nodes; i++) {
      history.join(i);
    }
    history.by(1, new Format(CONFIG, BIRTH));
    return history;
  }

  public ClusterState state() {
    return state;
  }

  public static MemberId member(int number) {
    return new MemberId(number);
  }

  public static NodeAddress address(int number) {
    return NodeAddress.parse("10.0.0." + number + ":7000");
  }

  public static NodeEntry node(int number) {
    return NodeEntry.of(address(number), 0, number, 100 * GIB);
  }

  public static EpochNode epochNode(int number) {
    return new EpochNode(node(number), 1000 + number);
  }

  public static JoinRequest presents(int number) {
    return new JoinRequest(node(number), 1000 + number, 50 + number, null, null, BIRTH);
  }

  /** A different time with each call. */
  public SheepTime now() {
    return SheepTime.of(BIRTH.toInstant().plusSeconds(++tick));
  }

  public Outcome by(int number, ClusterEvent event) {
    return by(member(number), event);
  }

  public Outcome by(MemberId sender, ClusterEvent event) {
    Transition transition = state.apply(sender, event);
    state = transition.next();
    return transition.outcome();
  }

  public void join(int number) {
    by(number, presents(number));
    by(number, new MemberReady(now()));
  }

  public Outcome leave(int number, Departure how) {
    return leave(Map.of(member(number), how));
  }

  public Outcome leave(Map<MemberId, Departure> left) {
    Transition transition = state.applyMembership(left);
    state = transition.next();
    return transition.outcome();
  }

  public static VdiReserve reservation(ReserveKind kind, String name, VdiId base, String client) {
    return new VdiReserve(kind, name, base, GIB, 3, 0, 0, 22, BIRTH, client);
  }

  public Outcome reserve(ReserveKind kind, String name, VdiId base) {
    return by(1, reservation(kind, name, base, "10.1.1.1"));
  }

  public static InodeHeader header(VdiEntry entry) {
    return new InodeHeader(
        entry.name(),
        entry.tag(),
        entry.createTime(),
        SheepTime.NONE,
        0,
        entry.size(),
        0,
        entry.copyPolicy(),
        entry.storePolicy(),
        entry.copies(),
        entry.blockSizeShift(),
        entry.snapshotId(),
        entry.vid(),
        entry.parent(),
        0);
  }

  /** Reserves and commits; gives the new vid. */
  public VdiId make(ReserveKind kind, String name, VdiId base) {
    Outcome outcome = reserve(kind, name, base);
    if (!(outcome instanceof Outcome.Reserved reserved)) {
      throw new AssertionError(name + " was not reserved: " + outcome);
    }
    Outcome committed = by(1, new VdiCommit(reserved.entry().vid(), header(reserved.entry())));
    if (!(committed instanceof Outcome.Done)) {
      throw new AssertionError(name + " was not committed: " + committed);
    }
    return reserved.entry().vid();
  }

  public VdiId create(String name) {
    return make(ReserveKind.CREATE, name, VdiId.NONE);
  }

  public Outcome lock(int gateway, VdiId vid, String client) {
    return by(gateway, new LockAcquire(vid, client, LockKind.CLIENT, BIRTH));
  }

  /** The entry of a vid that must be there. */
  public VdiEntry entry(VdiId vid) {
    VdiEntry entry = state.directory().entry(vid);
    if (entry == null) {
      throw new AssertionError("no entry of vid " + vid);
    }
    return entry;
  }

  public static Outcome refused(ResultCode code) {
    return new Outcome.Refused(code);
  }

  public static Outcome done() {
    return Outcome.Done.INSTANCE;
  }
}
