package io.sheepdog.core.lease;

import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.LeaseBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The leases of one node: its own, its votes for those of others, and what a new epoch waits for.
 */
public final class Leases {
  /**
   * How long a lease runs for its voters, each from when it voted. Shorter than the time after
   * which corosync gives a host up with its defaults (token + consensus, 6.6 s), so that an epoch
   * without that host hardly ever has to wait.
   */
  public static final Duration TERM = Duration.ofSeconds(2);

  /** How long it runs for its holder, from when it asked: clocks may differ by 1 %. */
  public static final Duration HELD = TERM.multipliedBy(99).dividedBy(100);

  /** How often a lease is renewed. */
  public static final Duration RENEWAL = Duration.ofMillis(500);

  /**
   * A member that does not answer for so long, or whose disk does not, is given up by the others.
   */
  public static final Duration SILENCE = Duration.ofSeconds(5);

  /** How long until a question is repeated that got no good answer. */
  static final Duration RETRY = Duration.ofMillis(50);

  private final LeaseCluster cluster;
  private final Platform platform;
  private final Runnable onProgress;
  private final LeaseVotes votes;
  private final GatewayLease lease;
  private final EpochCommit commit;
  private final ReplyGate replies;
  private final SilenceWatch silence;
  private final DeathWitness witness;
  private final LeasePolicy policy;

  /** After the last applied event. */
  private Map<MemberId, Member> members = Map.of();

  private Epoch known = Epoch.ZERO;
  private boolean started;

  /**
   * Creates them; nothing happens before {@link #applied}.
   *
   * @param incarnation of this daemon
   * @param onProgress runs when {@link #isWaitedOut} or {@link #isCommitted} may have become true
   */
  public Leases(
      LeaseCluster cluster,
      Platform platform,
      long incarnation,
      LeasePolicy policy,
      Runnable onProgress) {
    this.cluster = cluster;
    this.platform = platform;
    this.onProgress = onProgress;
    this.policy = policy;
    witness = new DeathWitness(platform, this::isWaiting, this::ended);
    votes = new LeaseVotes(cluster, platform.clock(), incarnation, policy);
    silence = new SilenceWatch(cluster, policy);
    lease = new GatewayLease(cluster, platform, incarnation, silence::answered, this::look);
    commit = new EpochCommit(cluster, platform, policy, onProgress);
    replies = new ReplyGate(cluster, lease, platform.scheduler(), policy);
  }

  /** Where replies to clients wait. */
  public ReplyGate replies() {
    return replies;
  }

  /** Answers PEER_LEASE. */
  public Reply handle(Request request, LeaseBody body) {
    return votes.handle(request, body);
  }

  /**
   * An ordered event was applied.
   *
   * @param left who is gone with it
   * @param joined whether this node has just become a member
   */
  public void applied(Map<MemberId, Departure> left, boolean joined) {
    Set<MemberId> ended = new HashSet<>();
    left.forEach(
        (id, how) -> {
          if (how == Departure.LEFT
              || (how == Departure.PROCESS_DIED && !policy.looksForTheDead())) {
            ended.add(id);
          }
        });
    ended.forEach(votes::ended);
    commit.applied(ended, joined);
    left.forEach(this::witness);
    members = cluster.state().members();
    Epoch epoch = cluster.state().epoch();
    if (!left.isEmpty()) {
      long wait = votes.nanosLeft();
      if (wait > 0) {
        platform.scheduler().schedule(Duration.ofNanos(wait), onProgress);
      }
    }
    if (!started) {
      started = true;
      tick();
    } else if (!epoch.equals(known)) {
      lease.renew();
    }
    known = epoch;
  }

  private void witness(MemberId id, Departure how) {
    Member member = members.get(id);
    if (how == Departure.PROCESS_DIED && policy.looksForTheDead() && member != null) {
      witness.look(member);
    }
  }

  /** A former member is seen to have ended. */
  private void ended(MemberId id) {
    votes.ended(id);
    commit.ended(id);
    onProgress.run();
  }

  private boolean isWaiting() {
    return cluster.synced() && !(isCommitted() && isWaitedOut());
  }

  private void tick() {
    if (cluster.synced()) {
      if (cluster.state().status() == ClusterStatus.RUNNING) {
        silence.asking();
      }
      lease.renew();
      platform.scheduler().schedule(RENEWAL, this::tick);
    }
  }

  /** Whether no lease of a former member that this node voted for is running any more. */
  public boolean isWaitedOut() {
    return votes.nanosLeft() == 0;
  }

  /** Whether the newest epoch may be served. */
  public boolean isCommitted() {
    return commit.isCommitted();
  }

  /** Something was logged, served or renewed. */
  public void look() {
    commit.look();
    replies.look();
  }

  /** The membership has ended. */
  public void end() {
    replies.end();
  }
}
