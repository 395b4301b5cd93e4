package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.lease.LeasePolicy;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;

/** A mistake planted into every node of a world, to show that the checks would find it. */
public interface Mistake {
  /** The product as it is. */
  Mistake NONE = new Mistake() {};

  /** The decisions of the gateways. */
  default WritePolicy policy() {
    return WritePolicy.SAFE;
  }

  /** The decisions about leases. */
  default LeasePolicy leases() {
    return LeasePolicy.SAFE;
  }

  /** The decisions about recovery. */
  default RecoveryPolicy recovery() {
    return RecoveryPolicy.SAFE;
  }

  /**
   * Whether the checks that look into the nodes take part; without them a mistake has to show in
   * what clients see, or on the disks in the end.
   */
  default boolean watchesNodes() {
    return true;
  }

  /** Whether disks change bytes by themselves; no node is lost then. */
  default boolean bytesRot() {
    return false;
  }

  /** Whether reads look if bytes are those that were written. */
  default boolean verifiesReads() {
    return true;
  }

  /** Whether copies of objects for others look if bytes are those that were written. */
  default boolean verifiesCopies() {
    return true;
  }

  /** Whether objects that nobody reads are looked at where disks change bytes. */
  default boolean scrubs() {
    return true;
  }

  /** The store that a node gets. */
  default ObjectStore store(ObjectStore real, SimProcess process) {
    return real;
  }

  /** What a client is answered. */
  default Reply reply(Request request, Reply real) {
    return real;
  }

  /** The request of another daemon as a node sees it that serves an epoch. */
  default Request peerRequest(Request real, Epoch serving) {
    return real;
  }

  /**
   * Whether a replica refuses a write of another daemon as soon as it knows of a later lock than
   * that under which it was begun.
   */
  default boolean fencesWritesUnderWay() {
    return false;
  }
}
