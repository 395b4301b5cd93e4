package io.sheepdog.core.gateway;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;

/** Which nodes hold an object in the epoch that this node serves. */
final class Targets {
  private final ClusterView cluster;
  private final Map<NodeAddress, Member> byAddress = new HashMap<>();
  private @Nullable PMap<MemberId, Member> indexed;

  Targets(ClusterView cluster) {
    this.cluster = cluster;
  }

  /**
   * The replicas of an object in ring order; fewer than its copies when there are fewer zones.
   *
   * @param copies if this node does not know better; while a request is under way the number may
   *     change
   */
  List<Replica> of(ObjectId oid, int copies) {
    int known = cluster.state().copiesIn(oid, epoch());
    int now = known == 0 ? copies : known;
    List<Replica> replicas = new ArrayList<>(now);
    for (NodeAddress address : ring().targets(oid, now)) {
      replicas.add(new Replica(address, incarnationOf(address)));
    }
    return replicas;
  }

  /** Whether all nodes that hold the one hold the other, too. */
  boolean areShared(ObjectId oid, ObjectId other, int copies) {
    List<NodeAddress> others = ring().targets(other, cluster.state().copiesIn(other, epoch()));
    int known = cluster.state().copiesIn(oid, epoch());
    return others.containsAll(ring().targets(oid, known == 0 ? copies : known));
  }

  /** Whether strict mode wants more copies of the object than that. */
  boolean areTooFew(ObjectId oid, int copies) {
    ClusterConfig config = cluster.state().config();
    return config != null
        && (config.flags() & ClusterFlags.STRICT) != 0
        && copies < cluster.state().copiesIn(oid, epoch());
  }

  /** All members that have received the state. */
  List<Replica> everywhere() {
    List<Replica> replicas = new ArrayList<>();
    for (Member member : cluster.state().syncedMembers()) {
      replicas.add(new Replica(member.node().address(), member.incarnation()));
    }
    return replicas;
  }

  /**
   * Whether copies that were set aside may still be of use: then a removal has to reach all of
   * them.
   */
  boolean mayBeElsewhere() {
    return !cluster.state().recovery().complete().equals(cluster.servingEpoch());
  }

  /** Whether that start of that node is still a member. */
  boolean isMember(Replica replica) {
    return replica.isMember() && incarnationOf(replica.address()) == replica.incarnation();
  }

  Ring ring() {
    return cluster.ring(cluster.servingEpoch());
  }

  Epoch epoch() {
    return cluster.servingEpoch();
  }

  /** Whether this node is a member itself. */
  boolean areOurs() {
    return cluster.incarnation() != 0;
  }

  boolean isSelf(Replica replica) {
    return cluster.isSelf(replica.address());
  }

  private long incarnationOf(NodeAddress address) {
    ClusterState state = cluster.state();
    if (indexed != state.members()) {
      indexed = state.members();
      byAddress.clear();
      for (Member member : state.members().values()) {
        byAddress.put(member.node().address(), member);
      }
    }
    Member member = byAddress.get(address);
    return member == null ? 0 : member.incarnation();
  }
}
