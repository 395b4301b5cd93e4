package io.sheepdog.core.sim.cluster;

import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One group. Messages and membership changes get their place in one sequence; every member gets the
 * sequence from its join on, at times of its own.
 *
 * <p>What a real group allows and this one therefore does: a message of a process that dies is
 * delivered to all survivors or to none - also when the dead process itself had already got it
 * (agreed, not safe, delivery: R4). The choice is open until some other process has got it, and
 * ends when the death takes its place in the sequence.
 */
public final class SimCluster {
  private final EventQueue queue;
  private final RandomGenerator random;
  private final Delays delays;
  private final Delays detection;
  private final Map<MemberId, SimClusterDriver> members = new LinkedHashMap<>();
  private long nextId = 0x1_0000_0001L;

  /**
   * @param delays from sending to order, and from order to a member
   * @param detection from a death to its place in the sequence
   */
  public SimCluster(EventQueue queue, RandomGenerator random, Delays delays, Delays detection) {
    this.queue = queue;
    this.random = random;
    this.delays = delays;
    this.detection = detection;
  }

  /** The driver of a new process. */
  public SimClusterDriver driver(SimProcess process) {
    return new SimClusterDriver(this, process, new MemberId(nextId++), random, delays);
  }

  /** A process has died: the survivors will learn of it. Its {@link SimProcess} is dead already. */
  public void died(SimClusterDriver driver) {
    queue.after(detection.draw(random), () -> remove(driver, Departure.PROCESS_DIED));
  }

  /** The others go on without a process that may be alive; it is not told. */
  public void expel(SimClusterDriver driver, Departure how) {
    remove(driver, how);
  }

  /** Number of messages that a member was sent and has not got yet. */
  public int backlog() {
    return members.values().stream().mapToInt(SimClusterDriver::backlog).sum();
  }

  void add(SimClusterDriver driver) {
    members.put(driver.id(), driver);
    membership(List.of(driver.id()), Map.of());
  }

  void order(SimClusterDriver sender, byte[] message) {
    if (!members.containsKey(sender.id()) || sender.isCutOff()) {
      return;
    }
    OrderedMessage ordered = new OrderedMessage(sender.id(), message);
    for (SimClusterDriver member : members.values()) {
      member.enqueue(ordered);
    }
  }

  void remove(SimClusterDriver driver, Departure how) {
    if (members.remove(driver.id()) == null) {
      return;
    }
    if (how != Departure.LEFT) {
      dropWhatOnlyTheDeadHave(driver.id());
    }
    membership(List.of(), Map.of(driver.id(), how));
  }

  private void dropWhatOnlyTheDeadHave(MemberId dead) {
    List<OrderedMessage> open = new ArrayList<>();
    for (SimClusterDriver survivor : members.values()) {
      if (survivor.process().alive()) {
        survivor.collectUndelivered(dead, open);
      }
    }
    for (OrderedMessage message : open) {
      if (random.nextBoolean() && !message.isSpread()) {
        members.values().forEach(survivor -> survivor.drop(message));
      }
    }
  }

  private void membership(List<MemberId> joined, Map<MemberId, Departure> left) {
    OrderedMembership change = new OrderedMembership(List.copyOf(members.keySet()), joined, left);
    for (SimClusterDriver member : members.values()) {
      member.enqueue(change);
    }
  }

  /** An entry of the sequence; compared by identity. */
  interface Ordered {
    void deliver(MemberId receiver, ClusterDriver.Listener listener);
  }

  static final class OrderedMessage implements Ordered {
    private final MemberId sender;
    private final byte[] message;
    private boolean spread;

    OrderedMessage(MemberId sender, byte[] message) {
      this.sender = sender;
      this.message = message;
    }

    MemberId sender() {
      return sender;
    }

    @Override
    public void deliver(MemberId receiver, ClusterDriver.Listener listener) {
      spread |= !receiver.equals(sender);
      listener.delivered(sender, message.clone());
    }

    /** Whether a host other than the sender's has it, which then passes it on. */
    boolean isSpread() {
      return spread;
    }
  }

  private record OrderedMembership(
      List<MemberId> members, List<MemberId> joined, Map<MemberId, Departure> left)
      implements Ordered {
    @Override
    public void deliver(MemberId receiver, ClusterDriver.Listener listener) {
      listener.membership(members, joined, left);
    }
  }
}
