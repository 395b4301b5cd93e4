package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rings of the epochs asked for last; building one costs a sort of all virtual nodes. */
final class Rings {
  private static final int KEPT = 16;
  private static final Ring NONE = Ring.of(List.of());

  private final Map<Epoch, Built> built =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Epoch, Built> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * After a format the epoch numbers start again, so the nodes tell whether an entry is still true.
   */
  private record Built(List<EpochNode> nodes, Ring ring) {}

  Ring of(@Nullable EpochRecord record) {
    if (record == null) {
      return NONE;
    }
    Built entry = built.get(record.epoch());
    if (entry == null || !isSame(entry.nodes(), record.nodes())) {
      entry = new Built(record.nodes(), build(record));
      built.put(record.epoch(), entry);
    }
    return entry.ring();
  }

  private static boolean isSame(List<EpochNode> known, List<EpochNode> asked) {
    return System.identityHashCode(known) == System.identityHashCode(asked) || known.equals(asked);
  }

  static Ring build(EpochRecord record) {
    return Ring.of(
        record.nodes().stream()
            .map(
                node ->
                    new RingNode(node.node().address(), node.node().vnodes(), node.node().zone()))
            .toList());
  }
}
