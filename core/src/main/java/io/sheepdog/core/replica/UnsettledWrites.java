package io.sheepdog.core.replica;

import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * The writes of other gateways that this node carried out and of which it was not told that all
 * replicas have them. With each write a gateway says how far its earlier ones have ended, so this
 * holds what a gateway had in flight at the last one, not more.
 */
final class UnsettledWrites {
  private final Map<Long, ArrayDeque<Write>> byGateway = new HashMap<>();

  private record Write(int number, ObjectId oid, ByteRange range) {}

  /** A write is handed to the store. */
  void note(long gateway, int number, int settled, ObjectId oid, ByteRange range) {
    ArrayDeque<Write> writes = byGateway.computeIfAbsent(gateway, g -> new ArrayDeque<>());
    // numbers wrap around
    while (!writes.isEmpty() && writes.element().number - settled <= 0) {
      writes.remove();
    }
    writes.add(new Write(number, oid, range));
  }

  /** Hands over the writes of the gateways that are gone, one range per object. */
  void moveTo(Map<ObjectId, ByteRange> torn, LongPredicate isGone) {
    Iterator<Map.Entry<Long, ArrayDeque<Write>>> gateways = byGateway.entrySet().iterator();
    while (gateways.hasNext()) {
      Map.Entry<Long, ArrayDeque<Write>> gateway = gateways.next();
      if (isGone.test(gateway.getKey())) {
        gateway.getValue().forEach(write -> torn.merge(write.oid, write.range, ByteRange::hull));
        gateways.remove();
      }
    }
  }

  /** The cluster was formatted: there are no objects. */
  void clear() {
    byGateway.clear();
  }
}
