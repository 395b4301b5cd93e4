package io.sheepdog.core.sim.cluster;

import io.sheepdog.core.sim.cluster.SimCluster.Ordered;
import io.sheepdog.core.sim.cluster.SimCluster.OrderedMessage;
import io.sheepdog.core.sim.time.Delays;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The way of one simulated process into its {@link SimCluster}. */
public final class SimClusterDriver implements ClusterDriver {
  private final SimCluster cluster;
  private final SimProcess process;
  private final MemberId id;
  private final RandomGenerator random;
  private final Delays delays;
  private final Deque<Runnable> outbox = new ArrayDeque<>();
  private final Deque<Ordered> inbox = new ArrayDeque<>();
  private @Nullable Listener listener;
  private boolean delivering;
  private boolean cutOff;
  private long slowBy;

  SimClusterDriver(
      SimCluster cluster, SimProcess process, MemberId id, RandomGenerator random, Delays delays) {
    this.cluster = cluster;
    this.process = process;
    this.id = id;
    this.random = random;
    this.delays = delays;
  }

  MemberId id() {
    return id;
  }

  SimProcess process() {
    return process;
  }

  int backlog() {
    return inbox.size();
  }

  /** From now on nothing of the group reaches this member, and nothing of it the group. */
  public void cutOff() {
    cutOff = true;
  }

  boolean isCutOff() {
    return cutOff;
  }

  /** This member hears, after what was delivered to it before, that it lost the group. */
  public void fail(String reason) {
    process.execute(
        () -> {
          Listener last = listener;
          listener = null;
          inbox.clear();
          if (last != null) {
            last.failed(reason);
          }
        });
  }

  /** From now on every entry reaches this member that much later, nanoseconds. */
  public void slowDown(long nanos) {
    slowBy = nanos;
  }

  @Override
  public void join(Listener newListener) {
    listener = newListener;
    send(() -> cluster.add(this));
  }

  @Override
  public MemberId self() {
    return id;
  }

  @Override
  public void multicast(byte[] message) {
    if (message.length < 1 || message.length > MAX_MESSAGE) {
      throw new IllegalArgumentException(
          "message of " + message.length + " bytes; 1 to " + MAX_MESSAGE + " are allowed");
    }
    send(() -> cluster.order(this, message));
  }

  @Override
  public void leave() {
    listener = null;
    inbox.clear();
    send(() -> cluster.remove(this, Departure.LEFT));
  }

  private void send(Runnable entry) {
    outbox.add(entry);
    if (outbox.size() == 1) {
      sendNext();
    }
  }

  private void sendNext() {
    process.after(
        delays.draw(random),
        () -> {
          outbox.element().run();
          outbox.remove();
          if (!outbox.isEmpty()) {
            sendNext();
          }
        });
  }

  void enqueue(Ordered entry) {
    if (listener != null && !cutOff) {
      inbox.add(entry);
      deliverNext();
    }
  }

  private void deliverNext() {
    if (delivering || inbox.isEmpty()) {
      return;
    }
    delivering = true;
    process.after(
        delays.draw(random) + slowBy,
        () -> {
          delivering = false;
          Ordered next = inbox.poll();
          if (next != null && listener != null) {
            next.deliver(id, listener);
          }
          deliverNext();
        });
  }

  void collectUndelivered(MemberId sender, List<OrderedMessage> into) {
    for (Ordered entry : inbox) {
      if (entry instanceof OrderedMessage message
          && message.sender().equals(sender)
          && !into.contains(message)) {
        into.add(message);
      }
    }
  }

  void drop(OrderedMessage message) {
    inbox.remove(message);
  }
}
