package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.CpgReason;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One group of a corosync cluster without corosync: what libcpg and libquorum promise, in an order
 * that a seed decides. Nothing happens but in {@link #step}; each process hears of things at its
 * own pace. One thread.
 */
public final class FakeCorosync {
  private final Random random;
  private final boolean quorumConfigured;

  /** Node id -> number of its ring. */
  private final Map<Integer, Integer> ringOfNode = new TreeMap<>();

  private final Map<Integer, RingId> rings = new HashMap<>();
  private final List<FakeProcess> processes = new ArrayList<>();
  private long sequence = 1;

  /**
   * Nodes in one ring.
   *
   * @param nodes node ids from 1 to this
   * @param quorumConfigured whether a majority of them has quorum, or nobody asks
   */
  public FakeCorosync(Random random, int nodes, boolean quorumConfigured) {
    this.random = random;
    this.quorumConfigured = quorumConfigured;
    for (int node = 1; node <= nodes; node++) {
      ringOfNode.put(node, 0);
    }
    rings.put(0, new RingId(1, sequence));
  }

  /** How many nodes there are, in all rings. */
  public int nodes() {
    return ringOfNode.size();
  }

  /** Connects a process. */
  public Group open(CpgProcess name, GroupListener listener) {
    FakeProcess process = new FakeProcess(this, name, listener);
    processes.add(process);
    process.hear(() -> listener.connected(name.nodeId(), quorumConfigured));
    tellQuorum(process);
    return process;
  }

  /** Lets one thing happen; false if there is nothing left that could. */
  public boolean step() {
    List<FakeProcess> busy = processes.stream().filter(FakeProcess::isBusy).toList();
    if (busy.isEmpty()) {
      return false;
    }
    busy.get(random.nextInt(busy.size())).step(random);
    return true;
  }

  /** Divides the nodes: those of {@code side} that are together stay so, and the rest likewise. */
  public void cut(Collection<Integer> side) {
    Map<Integer, Integer> next = new TreeMap<>();
    ringOfNode.forEach(
        (node, ring) -> next.put(node, side.contains(node) ? 2 * ring + 1 : 2 * ring));
    change(next);
  }

  /** Puts all nodes into one ring. */
  public void heal() {
    Map<Integer, Integer> next = new TreeMap<>();
    ringOfNode.keySet().forEach(node -> next.put(node, 0));
    change(next);
  }

  private void change(Map<Integer, Integer> next) {
    List<Before> all =
        processes.stream()
            .map(
                process ->
                    new Before(
                        process, nodesWith(process.name().nodeId()), Set.copyOf(groupOf(process))))
            .toList();
    ringOfNode.clear();
    // Numbers stay small.
    List<Integer> numbers = new ArrayList<>(new TreeSet<>(next.values()));
    next.forEach((node, ring) -> ringOfNode.put(node, numbers.indexOf(ring)));
    sequence++;
    rings.clear();
    for (int node : ringOfNode.keySet()) {
      rings.putIfAbsent(ringOf(node), new RingId(node, sequence));
    }
    for (Before before : all) {
      FakeProcess process = before.process();
      if (!before.nodes().equals(nodesWith(process.name().nodeId()))) {
        boolean quorumFirst = random.nextBoolean();
        if (quorumFirst) {
          tellQuorum(process);
        }
        if (process.joined()) {
          tellChange(process, before.group());
        }
        if (!quorumFirst) {
          tellQuorum(process);
        }
      }
    }
  }

  /** What a process reached before a change. */
  private record Before(FakeProcess process, Set<Integer> nodes, Set<FakeProcess> group) {}

  private void tellChange(FakeProcess process, Set<FakeProcess> before) {
    List<FakeProcess> now = groupOf(process);
    List<CpgChange> left =
        before.stream()
            .filter(other -> !now.contains(other))
            .map(other -> new CpgChange(other.name(), CpgReason.NODEDOWN))
            .toList();
    List<CpgChange> joined =
        now.stream()
            .filter(other -> !before.contains(other))
            .map(other -> new CpgChange(other.name(), CpgReason.NODEUP))
            .toList();
    if (!left.isEmpty() || !joined.isEmpty()) {
      List<CpgProcess> members = names(now);
      process.hear(() -> process.listener().membership(members, left, joined));
    }
    tellRing(process);
  }

  private void tellRing(FakeProcess process) {
    RingId ring = ring(process);
    List<Integer> nodes = List.copyOf(nodesWith(process.name().nodeId()));
    process.hear(() -> process.listener().ring(ring, nodes));
  }

  private RingId ring(FakeProcess process) {
    return rings.getOrDefault(ringOf(process.name().nodeId()), new RingId(0, 0));
  }

  private void tellQuorum(FakeProcess process) {
    if (quorumConfigured) {
      Set<Integer> nodes = nodesWith(process.name().nodeId());
      QuorumView view =
          new QuorumView(ring(process), 2 * nodes.size() > ringOfNode.size(), List.copyOf(nodes));
      process.hear(() -> process.listener().quorum(view));
    }
  }

  private Set<Integer> nodesWith(int node) {
    Set<Integer> nodes = new TreeSet<>(ringOfNode.keySet());
    nodes.removeIf(other -> ringOf(other) != ringOf(node));
    return nodes;
  }

  /** Processes in the group that this one's ring reaches. */
  private List<FakeProcess> groupOf(FakeProcess process) {
    int ring = ringOf(process.name().nodeId());
    return processes.stream()
        .filter(other -> other.joined() && ringOf(other.name().nodeId()) == ring)
        .toList();
  }

  private int ringOf(int node) {
    return ringOfNode.getOrDefault(node, -1);
  }

  private static List<CpgProcess> names(List<FakeProcess> processes) {
    return processes.stream().map(FakeProcess::name).toList();
  }

  void join(FakeProcess process) {
    process.joined(true);
    List<FakeProcess> group = groupOf(process);
    List<CpgChange> joined = List.of(new CpgChange(process.name(), CpgReason.JOIN));
    for (FakeProcess member : group) {
      member.hear(() -> member.listener().membership(names(group), List.of(), joined));
    }
    tellRing(process);
  }

  void multicast(FakeProcess process, byte[] message) {
    for (FakeProcess member : groupOf(process)) {
      member.hear(() -> member.listener().delivered(process.name(), message.clone()));
    }
  }

  void leave(FakeProcess process, CpgReason reason) {
    if (!process.joined()) {
      return;
    }
    List<FakeProcess> told = groupOf(process);
    process.joined(false);
    List<CpgProcess> members = names(groupOf(process).stream().filter(told::contains).toList());
    List<CpgChange> left = List.of(new CpgChange(process.name(), reason));
    for (FakeProcess member : told) {
      member.hear(() -> member.listener().membership(members, left, List.of()));
    }
  }

  void remove(FakeProcess process) {
    processes.remove(process);
  }
}
