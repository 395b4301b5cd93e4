package io.sheepdog.integration.golden;

import io.sheepdog.protocol.testdata.GoldenTraces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which recordings are replayed, in which order, and which are not yet. */
final class Flows {
  /**
   * QEMU's write to an opened snapshot ends the present history: the recorded daemon refused the
   * new head after a deletion that deleted nothing, ours branches as QEMU meant it. It is therefore
   * the last flow of a history of its own and left out of the other.
   */
  static final String BRANCH = "qemu-open-write-to-snapshot";

  private static final String EC = "erasure coding";
  private static final String DIGESTS = "digests of objects, for dog vdi check";
  private static final String DISKS = "several disks in a node";
  private static final String RECOVERY = "re-replication after a node was lost";
  private static final String FOUR_NODES =
      "administration commands of version 1.0 on four nodes with two copies";
  private static final String NO_CLIENT = "no client takes part, only daemons";

  private static final Map<String, String> LATER = later();

  private static Map<String, String> later() {
    Map<String, String> later = new TreeMap<>();
    for (String shape : List.of("1node-", "3node-")) {
      later.put(shape + "dog-vdi-check", DIGESTS);
      later.put(shape + "dog-node-md-info", DISKS);
    }
    later.put("3node-startup-join", NO_CLIENT);
    later.put("3node-kill-one-node-recovery", RECOVERY);
    later.put("3node-rejoin", RECOVERY);
    later.put("3node-read-after-recovery", RECOVERY);
    for (String name :
        List.of(
            "cluster-format",
            "qemu-create",
            "qemu-first-write-4k",
            "qemu-overwrite-4k",
            "qemu-read-4k",
            "qemu-write-4m",
            "qemu-read-4m",
            "snapshot",
            "cow-write",
            "check",
            "kill-one",
            "read-after-recovery",
            "vdi-list")) {
      later.put("4node-ec-" + name, EC);
    }
    for (String name :
        List.of(
            "vdi-create-object-size",
            "vdi-create-copies",
            "vdi-create-hyper",
            "qemu-create-redundancy",
            "qemu-create-ec",
            "vdi-list",
            "vdi-alter-copy",
            "vdi-track",
            "vdi-object-map",
            "vdi-graph",
            "vdi-backup",
            "vdi-restore",
            "vdi-lock-list",
            "vdi-lock-unlock",
            "node-log-level",
            "node-vnodes-set",
            "node-recovery-throttle",
            "node-md-plug",
            "cluster-disable-recover",
            "cluster-enable-recover",
            "cluster-reweight",
            "cluster-snapshot-save",
            "cluster-alter-copy",
            "cluster-check",
            "node-kill")) {
      later.put("4node-misc-" + name, FOUR_NODES);
    }
    return later;
  }

  private Flows() {}

  /** The recordings of a shape in the order they were made, without the branch. */
  static List<String> history(GoldenTraces traces, String shape) {
    Set<String> recorded = Set.copyOf(traces.names());
    return traces.recordedOrder().stream()
        .filter(name -> name.startsWith(shape) && recorded.contains(name))
        .filter(name -> !LATER.containsKey(name) && !name.equals(shape + BRANCH))
        .toList();
  }

  /** The recordings of a shape up to the branch. */
  static List<String> branch(GoldenTraces traces, String shape) {
    List<String> flows = new ArrayList<>();
    for (String name : traces.recordedOrder()) {
      if (name.startsWith(shape) && !LATER.containsKey(name)) {
        flows.add(name);
      }
      if (name.equals(shape + BRANCH)) {
        return flows;
      }
    }
    throw new AssertionError("no recording " + shape + BRANCH);
  }

  /** Recordings that wait for features of later releases, each with the feature. */
  static Map<String, String> waiting() {
    return LATER;
  }
}
