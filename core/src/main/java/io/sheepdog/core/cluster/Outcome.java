package io.sheepdog.core.cluster;

import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;

/** What applying an event decided; the same on every node, of interest to the originator. */
public sealed interface Outcome {
  /** Applied. */
  record Done() implements Outcome {
    /** The only one that is needed. */
    public static final Done INSTANCE = new Done();
  }

  /** Nothing was changed; the code says why. */
  record Refused(ResultCode code) implements Outcome {}

  /**
   * A vid was reserved.
   *
   * @param entry the reserved entry (name, vid, snapshot id, parent, ...)
   * @param previousHead vid that stops being the head when it is committed, NONE if there is none
   */
  record Reserved(VdiEntry entry, VdiId previousHead) implements Outcome {}

  /** A lock was granted or moved. */
  record Locked(VdiLock lock) implements Outcome {}

  /**
   * A majority complained about a member: it is none any more, although its process may live (R5).
   */
  record Evicted(MemberId member, NodeAddress address) implements Outcome {}

  /**
   * Members that may still be running are out of reach, and those that are left are too few to go
   * on (R3): every one of them stops.
   *
   * @param epoch the epoch whose nodes are counted
   * @param missing nodes out of reach
   */
  record QuorumLost(Epoch epoch, List<NodeAddress> missing) implements Outcome {
    /** Copies the list. */
    public QuorumLost {
      missing = List.copyOf(missing);
    }
  }
}
