package io.sheepdog.core.lease;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides when the newest epoch may be served: when no node that does not know of it can hold a
 * lease.
 *
 * <p>Let m be the newest epoch. A lease that may still run was voted for, in some earlier epoch j,
 * by more than half of the members of j. A member that confirms m has applied and logged it, votes
 * in no earlier epoch any more, sends no reply that it found out in one, and has waited for the end
 * of the leases of former members that it had voted for. So once at least half of the members of
 * each such j have confirmed (or have been dead for as long as a lease runs), one of them is among
 * the voters of every lease of j, and:
 *
 * <ul>
 *   <li>no lease of a former member runs any more;
 *   <li>a member that has not confirmed, because it is slow, gets no new lease, and its last one
 *       has run out when a lease's term has passed from that moment.
 * </ul>
 *
 * <p>When all members of these epochs have confirmed or are certainly dead, nobody is left to have
 * a lease. That is the usual case, a round trip after the change; only after a member that may be
 * running is gone, or with a slow member, does the rest matter.
 *
 * <p>That m is served anywhere proves all that for everybody. A node that has just joined does not
 * know how former members went; it waits until an older member serves m, or a whole term when none
 * is left.
 */
final class EpochCommit {
  /** So long nobody needs to know that an epoch is not served yet. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final LeaseCluster cluster;
  private final Platform platform;
  private final LeasePolicy policy;
  private final Runnable onProgress;

  /** Epochs of which leases may be running; the last is the newest epoch. */
  private final List<Account> accounts = new ArrayList<>();

  /** Members of these epochs that are certainly dead, and since when. */
  private final Map<MemberId, Long> dead = new HashMap<>();

  private final Set<MemberId> confirmed = new HashSet<>();
  private final Set<MemberId> asked = new HashSet<>();
  private boolean committed = true;
  private boolean warned;

  /** When the newest epoch was learnt of. */
  private long begun;

  private boolean polling;

  /** Number of the event that began the newest epoch. */
  private long sequence;

  /** Whether this node has joined and not served an epoch yet. */
  private boolean joiner;

  /** Before this time a node that has just joined decides nothing by itself. */
  private long earliest;

  /** When at least half of the members of each epoch had confirmed. */
  private long halvesSince;

  private boolean halves;

  /** An epoch, who may have voted in it with which store, and from when on its leases are over. */
  private static final class Account {
    private final Epoch epoch;
    private final Map<MemberId, Member> members;
    private boolean closing;
    private long closed;

    Account(Epoch epoch, List<Member> members) {
      this.epoch = epoch;
      this.members = new HashMap<>();
      members.forEach(member -> this.members.put(member.id(), member));
    }
  }

  EpochCommit(LeaseCluster cluster, Platform platform, LeasePolicy policy, Runnable onProgress) {
    this.cluster = cluster;
    this.platform = platform;
    this.policy = policy;
    this.onProgress = onProgress;
  }

  /** Whether the newest epoch may be served. */
  boolean isCommitted() {
    return committed;
  }

  /** A former member has certainly ended, as it turned out after the event without it. */
  void ended(MemberId id) {
    if (accounts.stream().anyMatch(account -> account.members.containsKey(id))) {
      dead.putIfAbsent(id, platform.clock().nanoTime());
      look();
    }
  }

  /**
   * An event was applied; see {@link Leases#applied}.
   *
   * @param ended who is gone with it and has certainly ended
   */
  void applied(Set<MemberId> ended, boolean joined) {
    ClusterState state = cluster.state();
    if (state.status() != ClusterStatus.RUNNING) {
      reset();
      return;
    }
    long now = platform.clock().nanoTime();
    ended.forEach(id -> dead.putIfAbsent(id, now));
    Epoch newest = accounts.isEmpty() ? Epoch.ZERO : accounts.get(accounts.size() - 1).epoch;
    if (state.epoch().equals(newest)) {
      return;
    }
    if (newest.isNewerThan(state.epoch())) {
      reset(); // formatted anew
    }
    begin(state, joined, now);
  }

  private void begin(ClusterState state, boolean joined, long now) {
    List<Member> members = state.syncedMembers();
    boolean first = accounts.isEmpty();
    // Until it has served once, it does not know how those went who had gone before it came.
    joiner = first ? joined : joiner && !committed;
    if (first && joiner) {
      // the epoch before had all members but this one
      accounts.add(
          new Account(
              Epoch.ZERO,
              members.stream().filter(member -> !cluster.isSelf(member.id())).toList()));
      earliest = now + Leases.TERM.toNanos();
    } else if (first) {
      earliest = now;
    }
    noteReturned(members, now);
    accounts.add(new Account(state.epoch(), members));
    sequence = state.sequence();
    confirmed.clear();
    asked.clear();
    begun = now;
    warned = false;
    halves = false;
    committed = false;
    look();
  }

  /** Who is back as a new member has ended before. */
  private void noteReturned(List<Member> members, long now) {
    for (Account account : accounts) {
      account.members.forEach(
          (id, member) -> {
            long store = member.storeId();
            if (members.stream().anyMatch(m -> m.storeId() == store && !m.id().equals(id))) {
              dead.putIfAbsent(id, now);
            }
          });
    }
  }

  private void reset() {
    accounts.clear();
    dead.clear();
    confirmed.clear();
    asked.clear();
    committed = true;
  }

  /** Looks whether it is decided; asks whoever has not answered. */
  void look() {
    if (committed || !cluster.synced()) {
      return;
    }
    long now = platform.clock().nanoTime();
    accounts.removeIf(account -> account.closing && account.closed - now <= 0);
    if (isDecided(now)) {
      commit(now);
      return;
    }
    ask();
    if (!warned && now - begun >= SILENCE.toNanos()) {
      warned = true;
      warn();
    }
    if (!polling) {
      polling = true;
      platform
          .scheduler()
          .schedule(
              Leases.RETRY,
              () -> {
                polling = false;
                look();
              });
    }
  }

  /** Clients wait, so somebody should know for whom. */
  private void warn() {
    List<NodeAddress> silent = new ArrayList<>();
    for (Member member : cluster.state().syncedMembers()) {
      if (!cluster.isSelf(member.id()) && !confirmed.contains(member.id())) {
        silent.add(member.node().address());
      }
    }
    cluster.warn(
        "epoch "
            + cluster.state().epoch()
            + " is not served yet, clients wait: "
            + (silent.isEmpty()
                ? "former members may still be running and serve: "
                    + unseen()
                    + "; start sheep there again or end it, or, if those hosts are gone for good,"
                    + " start it again here"
                : "no answer from "
                    + silent
                    + "; look at sheep.log there, or end a sheep that hangs"));
  }

  /** Former members of which nobody knows whether they have ended. */
  private Set<NodeAddress> unseen() {
    Set<NodeAddress> unseen = new TreeSet<>();
    for (Account account : earlier()) {
      account.members.forEach(
          (id, member) -> {
            if (!dead.containsKey(id) && !cluster.state().members().containsKey(id)) {
              unseen.add(member.node().address());
            }
          });
    }
    return unseen;
  }

  private boolean isDecided(long now) {
    if (!policy.waitsForConfirmations()) {
      return cluster.isSettled();
    }
    boolean everybody = true;
    boolean slow = false;
    boolean enough = true;
    for (Account account : earlier()) {
      int counted = 0;
      for (MemberId id : account.members.keySet()) {
        Long death = dead.get(id);
        boolean confirms = confirms(id);
        everybody &= confirms || death != null;
        slow |= !confirms && cluster.state().members().containsKey(id);
        boolean longDead = death != null && now - death >= Leases.TERM.toNanos();
        counted += confirms || longDead ? 1 : 0;
      }
      enough &= 2 * counted >= account.members.size();
    }
    if (!enough && !everybody) {
      return false;
    }
    if (!halves) {
      halves = true;
      halvesSince = now;
    }
    boolean waited = now - halvesSince >= Leases.TERM.toNanos();
    return now - earliest >= 0 && cluster.isSettled() && (everybody || !slow || waited);
  }

  private List<Account> earlier() {
    return accounts.subList(0, accounts.size() - 1);
  }

  private boolean confirms(MemberId id) {
    return cluster.isSelf(id) ? cluster.isSettled() : confirmed.contains(id);
  }

  private void commit(long now) {
    committed = true;
    for (Account account : earlier()) {
      if (!account.closing) {
        account.closing = true;
        account.closed = now + Leases.TERM.toNanos();
      }
    }
    dead.keySet().removeIf(id -> accounts.stream().noneMatch(a -> a.members.containsKey(id)));
    onProgress.run();
  }

  private void ask() {
    for (Member member : cluster.state().syncedMembers()) {
      if (!cluster.isSelf(member.id()) && asked.add(member.id())) {
        ask(member);
      }
    }
  }

  private void ask(Member member) {
    Epoch askedIn = cluster.state().epoch();
    long when = joiner ? SequenceBody.WHEN_SERVED : SequenceBody.WHEN_SETTLED;
    Request request =
        Request.of(Opcode.PEER_CONFIRM, new SequenceBody(sequence, when, member.incarnation()))
            .withEpoch(askedIn);
    platform
        .transport()
        .send(member.node().address(), request, Unpooled.EMPTY_BUFFER)
        .thenAccept(reply -> answered(member.id(), askedIn, reply));
  }

  private void answered(MemberId member, Epoch askedIn, Reply reply) {
    boolean success = reply.header().isSuccess();
    reply.release();
    if (committed || !askedIn.equals(cluster.state().epoch())) {
      return;
    }
    if (success && joiner) {
      commit(platform.clock().nanoTime());
    } else if (success) {
      confirmed.add(member);
      look();
    } else {
      platform
          .scheduler()
          .schedule(
              Leases.RETRY,
              () -> {
                if (askedIn.equals(cluster.state().epoch())) {
                  asked.remove(member);
                  look();
                }
              });
    }
  }
}
