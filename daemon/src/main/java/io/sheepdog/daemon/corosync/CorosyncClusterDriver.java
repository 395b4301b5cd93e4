package io.sheepdog.daemon.corosync;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.CpgReason;
import io.sheepdog.nativebindings.group.Connections;
import io.sheepdog.nativebindings.group.CorosyncGroup;
import io.sheepdog.nativebindings.group.Group;
import io.sheepdog.nativebindings.group.GroupListener;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Driver {@code corosync}: the members are processes of the group {@code sheepdog} of corosync's
 * CPG, and the order is that of its totem ring; see the package. A member's id is corosync's node
 * id and the process id.
 *
 * <p>Where corosync.conf names a quorum provider, the driver joins when there is quorum, and fails
 * when it is lost. It also fails when corosync ends, and on the smaller side of rings that merge.
 * After a failure a new driver can join as a new member.
 *
 * <p>Methods are called on the core loop; listener calls are posted to it in order.
 */
public final class CorosyncClusterDriver implements ClusterDriver {
  /** The historical name of the group. */
  public static final String GROUP = "sheepdog";

  /** Messages that may wait for this process to be a member. */
  private static final int MAX_EARLY = 16384;

  private final GroupOpener opener;
  private final int processId;
  private final Executor coreLoop;
  private final WaitListener waits;
  private final int configured;
  private final BooleanSupplier strictQuorum;
  private final String user;
  private final Deque<byte[]> early = new ArrayDeque<>();
  private final Set<CpgProcess> strangers = new HashSet<>();
  private final GroupHistory history;
  private @Nullable Group group;
  private @Nullable Listener listener;
  private @Nullable RingGate gate;
  private @Nullable CpgProcess self;
  private boolean joinAsked;

  /**
   * Whether of two parts one at most can have had quorum ever since this process listens; null
   * before the provider has spoken.
   */
  private @Nullable Boolean strict;

  /** Whether corosync said that this process has joined, and nobody asked to join again since. */
  private boolean inGroup;

  /**
   * A driver that has not joined yet, for the corosync of this node.
   *
   * @param coreLoop runs listener calls, one at a time, in order
   * @param waits hears why it has not joined yet, on the core loop
   * @param configured nodes in corosync.conf, 0 if not known
   */
  public CorosyncClusterDriver(Executor coreLoop, WaitListener waits, int configured) {
    this(
        listener -> CorosyncGroup.open(GROUP, Connections.LOCAL, listener),
        (int) ProcessHandle.current().pid(),
        coreLoop,
        waits,
        configured,
        CorosyncHost::hasStrictQuorum);
  }

  CorosyncClusterDriver(
      GroupOpener opener,
      int processId,
      Executor coreLoop,
      WaitListener waits,
      int configured,
      BooleanSupplier strictQuorum) {
    this.opener = opener;
    this.processId = processId;
    this.coreLoop = coreLoop;
    this.waits = waits;
    this.configured = configured;
    this.strictQuorum = strictQuorum;
    this.user = System.getProperty("user.name", "");
    this.history = new GroupHistory(new Told(), new SecureRandom()::nextLong);
  }

  /** Joins, once; what goes wrong comes as {@link Listener#failed}. */
  @Override
  public void join(Listener newListener) {
    if (group != null) {
      throw new IllegalStateException("this driver has joined before; make a new one");
    }
    listener = newListener;
    try {
      group = opener.open(new Post());
    } catch (IOException e) {
      coreLoop.execute(() -> fail(CorosyncTrouble.sentence(e, user)));
    }
  }

  @Override
  public MemberId self() {
    CpgProcess known = self;
    if (known == null) {
      throw new IllegalStateException("this process is no member yet");
    }
    return id(known);
  }

  private static MemberId id(CpgProcess process) {
    return new MemberId(
        ((long) process.nodeId() << Integer.SIZE) | Integer.toUnsignedLong(process.processId()));
  }

  @Override
  public void multicast(byte[] message) {
    if (message.length < 1 || message.length > MAX_MESSAGE) {
      throw new IllegalArgumentException(
          "a cluster message of "
              + message.length
              + " bytes cannot be sent; 1 to "
              + MAX_MESSAGE
              + " are allowed");
    }
    if (group == null) {
      throw new IllegalStateException("join comes before multicast");
    }
    if (history.isMember()) {
      send(new GroupMessage.Payload(message));
    } else if (early.size() < MAX_EARLY) {
      early.addLast(message);
    } else {
      fail(MAX_EARLY + " messages wait for this process to become a member");
    }
  }

  private void send(GroupMessage message) {
    Group open = group;
    if (listener != null && open != null && !open.multicast(GroupMessageCodec.encode(message))) {
      fail("corosync has taken no messages for too long; see its log");
    }
  }

  /** Leaves; {@link #awaitEnd} tells when the others can see it. */
  @Override
  public void leave() {
    if (listener != null) {
      CorosyncEvent.COROSYNC_LEFT.log("group={}", GROUP);
    }
    listener = null;
    Group open = group;
    if (open != null) {
      open.leave();
    }
  }

  /**
   * Waits until this process is out of the group. Blocks, so not for the core loop.
   *
   * @return false if it took longer than {@code limit}
   */
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    Group open = group;
    return open == null || open.awaitEnd(limit);
  }

  /** For tests: ends as corosync sees it when the process is killed. */
  void kill() {
    listener = null;
    Group open = group;
    if (open != null) {
      open.abandon();
    }
  }

  private void fail(String reason) {
    Listener told = listener;
    listener = null;
    Group open = group;
    if (open != null) {
      open.abandon();
    }
    if (told != null) {
      CorosyncEvent.COROSYNC_FAILED.log("reason=\"{}\"", reason);
      told.failed(reason);
    }
  }

  private void join() {
    Group open = group;
    if (!joinAsked && open != null) {
      joinAsked = true;
      waits.waits("it is joining", "the other nodes have taken it in", false);
      open.join();
    }
  }

  private void connected(int localNodeId, boolean quorumConfigured) {
    self = new CpgProcess(localNodeId, processId);
    gate = new RingGate(quorumConfigured, new Side());
    if (!quorumConfigured) {
      join();
    }
  }

  private void quorum(QuorumView view, boolean strictNow) {
    if (gate == null) {
      return;
    }
    // a provider that was lax once may have given quorum to another part since
    strict = strictNow && (strict == null || strict);
    gate.trust(strict);
    if (view.quorate()) {
      gate.quorum(view);
      join();
    } else if (joinAsked) {
      gate.quorum(view);
    } else {
      CorosyncEvent.COROSYNC_NO_QUORUM_YET.log("ring={} nodes={}", view.ring(), view.nodes());
      waits.waits(
          "its corosync has no quorum (ring " + view.ring() + ": " + nodes(view) + ")",
          "enough nodes are together again",
          true);
    }
  }

  private String nodes(QuorumView view) {
    String words = view.nodes().size() == 1 ? "only node " : "nodes ";
    String ids =
        view.nodes().stream().map(Integer::toUnsignedString).collect(Collectors.joining(" "));
    return words + ids + (configured == 0 ? "" : " of " + configured);
  }

  private void membership(List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {
    CpgProcess me = self;
    if (gate == null || me == null) {
      return;
    }
    gate.membership(left, joined);
    List<CpgChange> others = left.stream().filter(change -> !change.process().equals(me)).toList();
    if (!others.isEmpty()) {
      gate.pass(() -> history.left(others));
    }
    if (joined.stream().anyMatch(change -> change.process().equals(me))) {
      List<CpgProcess> older = members.stream().filter(process -> !process.equals(me)).toList();
      CorosyncEvent.COROSYNC_GREETED.log("self={} others={}", me, older);
      inGroup = true;
      gate.pass(() -> history.joined(me, older));
    }
  }

  private void delivered(CpgProcess sender, byte[] bytes) {
    GroupMessage message = GroupMessageCodec.decode(bytes);
    if (message == null) {
      if (strangers.size() < GroupMessageCodec.MAX_MEMBERS && strangers.add(sender)) {
        CorosyncEvent.COROSYNC_STRANGER.log("process={} bytes={}", sender, bytes.length);
      }
    } else if (gate != null) {
      gate.pass(() -> history.delivered(sender, message));
    }
  }

  /** What becomes of this side of a ring. */
  private final class Side implements RingGate.Side {
    @Override
    public void lostMerge(Set<Integer> oldRing, List<Integer> newRing) {
      if (history.isMember()) {
        fail(
            "the ring of nodes "
                + oldRing.stream().sorted().toList()
                + " merged into that of nodes "
                + newRing
                + ", whose other part goes on; this node joins it as a new member");
      } else if (inGroup) {
        history.again();
      }
    }

    @Override
    public void lostQuorum(QuorumView view) {
      fail(
          "this part of the cluster, nodes "
              + view.nodes()
              + ", has lost quorum; it goes on when enough nodes are together again");
    }
  }

  /** Where the history goes. */
  private final class Told implements GroupHistory.Output {
    @Override
    public void send(GroupMessage message) {
      CorosyncClusterDriver.this.send(message);
    }

    @Override
    public void rejoin() {
      // A connection of libcpg cannot join a group that it has left: CS_ERR_EXIST.
      fail("those who knew the members of the cluster are gone; this node joins once more");
    }

    @Override
    public void overrun() {
      fail("nobody said who the members of the cluster are while many messages arrived");
    }

    @Override
    public void entered(List<CpgProcess> members, CpgProcess process) {
      if (process.equals(self)) {
        CorosyncEvent.COROSYNC_JOINED.log("self={} members={}", process, members);
        for (byte[] message = early.poll(); message != null; message = early.poll()) {
          send(new GroupMessage.Payload(message));
        }
      }
      tell(ids(members), List.of(id(process)), Map.of());
    }

    @Override
    public void gone(List<CpgProcess> members, List<CpgChange> left) {
      Map<MemberId, Departure> departures = new LinkedHashMap<>();
      left.forEach(change -> departures.put(id(change.process()), departure(change.reason())));
      tell(ids(members), List.of(), departures);
    }

    private static List<MemberId> ids(List<CpgProcess> processes) {
      return processes.stream().map(CorosyncClusterDriver::id).toList();
    }

    private Departure departure(CpgReason reason) {
      return switch (reason) {
        case LEAVE -> Departure.LEFT;
        case PROCDOWN -> Departure.PROCESS_DIED;
        default -> Boolean.TRUE.equals(strict) ? Departure.OUTVOTED : Departure.NODE_DOWN;
      };
    }

    private void tell(
        List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left) {
      Listener told = listener;
      if (told != null) {
        told.membership(members, joined, left);
      }
    }

    @Override
    public void message(CpgProcess sender, byte[] payload) {
      Listener told = listener;
      if (told != null) {
        told.delivered(id(sender), payload);
      }
    }
  }

  /** Carries what the group's thread hears to the core loop; after the end it is dropped there. */
  private final class Post implements GroupListener {
    @Override
    public void connected(int localNodeId, boolean quorumConfigured) {
      post(() -> CorosyncClusterDriver.this.connected(localNodeId, quorumConfigured));
    }

    @Override
    public void quorum(QuorumView view) {
      // asked here, not on the core loop: corosync may take a moment
      boolean strictNow = strictQuorum.getAsBoolean();
      post(() -> CorosyncClusterDriver.this.quorum(view, strictNow));
    }

    @Override
    public void delivered(CpgProcess sender, byte[] message) {
      post(() -> CorosyncClusterDriver.this.delivered(sender, message));
    }

    @Override
    public void membership(List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {
      post(() -> CorosyncClusterDriver.this.membership(members, left, joined));
    }

    @Override
    public void ring(RingId ring, List<Integer> nodes) {
      post(
          () -> {
            CorosyncEvent.COROSYNC_RING.log("ring={} nodes={}", ring, nodes);
            if (gate != null) {
              gate.ring(ring, nodes);
            }
          });
    }

    @Override
    public void lost(Exception cause) {
      post(() -> fail(CorosyncTrouble.sentence(cause, user)));
    }

    private void post(Runnable call) {
      try {
        coreLoop.execute(
            () -> {
              if (listener != null) {
                call.run();
              }
            });
      } catch (RejectedExecutionException coreLoopEnded) {
        CorosyncEvent.COROSYNC_LEFT.log("group={} reason=core-loop-ended", GROUP);
      }
    }
  }
}
