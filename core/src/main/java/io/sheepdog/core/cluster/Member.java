package io.sheepdog.core.cluster;

import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.payload.NodeEntry;
import org.pcollections.OrderedPSet;
import org.pcollections.PSet;

/**
 * A daemon that takes part, from its {@link ClusterEvent.JoinRequest} on.
 *
 * @param id name in the cluster driver
 * @param node address, zone, weight as it announced them ({@code space} 0 = gateway only; {@code
 *     vnodes} 0 = by its space)
 * @param storeId identity of its store (R2)
 * @param incarnation random number of this start of the daemon (R2, R9); never 0
 * @param joinedAt sequence number of the event that brought it in; the lowest is the oldest member,
 *     which collie marks as master
 * @param synced whether it has received the state ({@link ClusterEvent.MemberReady}); only then it
 *     counts for epochs and quorums
 * @param accusers members that get no answer from it ({@link ClusterEvent.Complaint}), in the order
 *     of their complaints
 */
public record Member(
    MemberId id,
    NodeEntry node,
    long storeId,
    long incarnation,
    long joinedAt,
    boolean synced,
    PSet<MemberId> accusers) {
  /** A member about which nobody has complained. */
  public Member(
      MemberId id, NodeEntry node, long storeId, long incarnation, long joinedAt, boolean synced) {
    this(id, node, storeId, incarnation, joinedAt, synced, OrderedPSet.empty());
  }

  /** The same member, ready. */
  public Member asSynced() {
    return new Member(id, node, storeId, incarnation, joinedAt, true, accusers);
  }

  /** The same member, which holds no objects any more. */
  Member withoutStore() {
    return with(0, 0);
  }

  /** The same member with a larger or smaller disk, or none. */
  Member withSpace(long space) {
    return with(space == 0 ? 0 : node.vnodes(), space);
  }

  /** The same member with another number of virtual nodes. */
  Member withVnodes(int vnodes) {
    return with(vnodes, node.space());
  }

  private Member with(int vnodes, long space) {
    NodeEntry entry = new NodeEntry(node.address(), node.ioAddress(), vnodes, node.zone(), space);
    return new Member(id, entry, storeId, incarnation, joinedAt, synced, accusers);
  }

  /** The same member after a complaint, or when one is taken back. */
  Member withAccusers(PSet<MemberId> newAccusers) {
    return new Member(id, node, storeId, incarnation, joinedAt, synced, newAccusers);
  }
}
