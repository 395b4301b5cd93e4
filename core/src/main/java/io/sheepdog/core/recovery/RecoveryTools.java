package io.sheepdog.core.recovery;

import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.id.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of this package work with.
 *
 * @param agent the cluster as this node sees it
 * @param replica what brings objects here
 * @param store this node's objects
 * @param transport the other daemons
 * @param scheduler the core loop
 * @param bounds of what is on its way
 * @param room on this node's disk
 */
record RecoveryTools(
    ClusterAgent agent,
    ReplicaService replica,
    ObjectStore store,
    Transport transport,
    Scheduler scheduler,
    WorkBounds bounds,
    DiskRoom room) {

  /** Size and redundancy of an object; null when nobody can say, then it is left alone. */
  @Nullable ObjectAttributes shape(ObjectId oid) {
    return replica.shapes().of(oid);
  }

  /** Whether this node is one of the object's homes in the epoch being served. */
  boolean belongsHere(ObjectId oid, ObjectAttributes shape) {
    return agent
        .ring(agent.servingEpoch())
        .targets(oid, shape.copies())
        .contains(agent.self().node().address());
  }
}
