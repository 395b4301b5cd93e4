package io.sheepdog.core.sim.client;

import io.sheepdog.core.sim.check.Violations;
import io.sheepdog.core.sim.client.Requests.Outgoing;
import io.sheepdog.core.sim.net.ClientConnection;
import io.sheepdog.core.sim.net.ClientNetwork;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.core.sim.time.EventQueue;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What every simulated client has: a process, an address, a network, and a watch on requests that
 * nobody answers.
 */
public final class ClientHost {
  private final EventQueue queue;
  private final SimProcess process;
  private final String address;
  private final ClientNetwork network;
  private final Supplier<NodeAddress> gateway;
  private final Violations violations;
  private final Map<Object, Long> waitingSince = new HashMap<>();

  /**
   * @param address of the client, without port
   * @param gateway the daemon to connect to, asked for every connection
   */
  public ClientHost(
      EventQueue queue,
      SimProcess process,
      String address,
      ClientNetwork network,
      Supplier<NodeAddress> gateway,
      Violations violations) {
    this.queue = queue;
    this.process = process;
    this.address = address;
    this.network = network;
    this.gateway = gateway;
    this.violations = violations;
  }

  /** Its address, without port. */
  public String address() {
    return address;
  }

  /** Its process. */
  public SimProcess process() {
    return process;
  }

  long now() {
    return queue.now();
  }

  Violations violations() {
    return violations;
  }

  ClientConnection connect(Runnable onClosed) {
    return network.connect(process, address, gateway.get(), onClosed);
  }

  /** Request and answer on a connection of their own; empty when the connection broke. */
  CompletableFuture<Optional<Answer>> control(Outgoing outgoing) {
    return controlAt(gateway.get(), outgoing);
  }

  /** The same, through a given daemon. */
  CompletableFuture<Optional<Answer>> controlAt(NodeAddress node, Outgoing outgoing) {
    CompletableFuture<Optional<Answer>> result = new CompletableFuture<>();
    ClientConnection connection =
        network.connect(
            process,
            address,
            node,
            () -> {
              violations.trace(() -> this + " control connection broke: " + describe(outgoing));
              waitingSince.remove(outgoing);
              result.complete(Optional.empty());
            });
    waitingSince.put(outgoing, queue.now());
    trace(" > ", outgoing);
    connection.send(
        outgoing.request(),
        outgoing.payload(),
        answer -> {
          waitingSince.remove(outgoing);
          trace(" < " + answer.header().resultCode() + " to ", outgoing);
          connection.close();
          result.complete(Optional.of(answer));
        });
    return result;
  }

  /** Notes that an answer is due. */
  void waitsFor(Object what) {
    waitingSince.putIfAbsent(what, queue.now());
  }

  /** Notes that the answer is here, or nobody waits for it any more. */
  void waitsNoMore(Object what) {
    waitingSince.remove(what);
  }

  /** Runs later on this client's loop. */
  void after(long nanos, Runnable action) {
    process.after(nanos, action);
  }

  /** What has been unanswered for longer than {@code nanos}. */
  public List<String> overdue(long nanos) {
    List<String> overdue = new ArrayList<>();
    waitingSince.forEach(
        (what, since) -> {
          if (process.alive() && queue.now() - since > nanos) {
            overdue.add(this + " waits since " + since / 1_000_000 + " ms for " + what);
          }
        });
    return overdue;
  }

  /** A line for traces. */
  static String describe(Outgoing outgoing) {
    Request request = outgoing.request();
    String cow = request.hasFlag(RequestFlags.COW) ? "+COW" : "";
    if (request.body() instanceof ObjectBody object) {
      String source = cow.isEmpty() ? "" : " from " + object.cowOid();
      return request.operation() + cow + " " + object.oid() + "@" + object.offset() + source;
    }
    return request.operation()
        + (request.body() instanceof VdiBody vdi
            ? " base " + vdi.baseVdiId() + " snapid " + vdi.snapshotId()
            : "");
  }

  private void trace(String direction, Outgoing outgoing) {
    if (outgoing.request().operation() != Opcode.READ_OBJ) {
      violations.trace(() -> this + direction + describe(outgoing));
    }
  }

  @Override
  public String toString() {
    return process.name() + "@" + address;
  }
}
