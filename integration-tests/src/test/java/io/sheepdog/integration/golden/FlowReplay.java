package io.sheepdog.integration.golden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.integration.wire.RawConnection;
import io.sheepdog.integration.wire.RawReply;
import io.sheepdog.protocol.testdata.TraceEvent;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The client's side of one recording, played against a cluster of ours: connections are opened and
 * closed and requests sent in the recorded order, and no request goes out before the replies that
 * the client had seen when it sent it.
 */
final class FlowReplay implements AutoCloseable {
  private final IntFunction<Path> sockets;
  private final Map<Integer, RawConnection> connections = new HashMap<>();
  private final Map<Integer, List<RawReply>> early = new HashMap<>();
  private final Map<Integer, TraceEvent> requests = new HashMap<>();
  private final List<Difference> differences = new ArrayList<>();

  /**
   * A replay of one flow.
   *
   * @param sockets the Unix socket of the node that is to take the place of the one on a port
   */
  FlowReplay(IntFunction<Path> sockets) {
    this.sockets = sockets;
  }

  /** Plays it and hands back every field that differs, predictable ones or not. */
  List<Difference> play(List<TraceEvent> events) throws IOException {
    for (TraceEvent event : events) {
      if (isClient(event)) {
        play(event);
      }
    }
    return differences;
  }

  /** Whether it happened between a client and a daemon, and not between daemons. */
  static boolean isClient(TraceEvent event) {
    return !event.source().startsWith("sheep") && !event.source().equals("unknown");
  }

  private void play(TraceEvent event) throws IOException {
    switch (event.kind()) {
      case CONNECT -> connect(event);
      case CLOSE -> connection(event).close();
      case REQUEST -> {
        requests.put(event.sequence(), event);
        connection(event).send(bytes(event));
      }
      case RESPONSE -> check(event);
      case CONNECT_REFUSED -> throw new AssertionError("no daemon was there in " + event);
    }
  }

  private void connect(TraceEvent event) throws IOException {
    connections.put(event.connection(), RawConnection.open(sockets.apply(event.destination())));
    early.put(event.connection(), new ArrayList<>());
  }

  private RawConnection connection(TraceEvent event) {
    return Objects.requireNonNull(connections.get(event.connection()), event::toString);
  }

  private static ByteBuf bytes(TraceEvent request) {
    ByteBuf payload = request.payload();
    if (payload == null) {
      throw new AssertionError("the recording did not keep what to send in " + request);
    }
    return Unpooled.copiedBuffer(request.header(), payload);
  }

  private void check(TraceEvent recorded) throws IOException {
    TraceEvent request =
        Objects.requireNonNull(requests.get(recorded.requestSequence()), recorded::toString);
    RawReply reply;
    try {
      reply = reply(recorded);
    } catch (EOFException e) {
      differences.add(Difference.of(recorded, "reply", "given", String.valueOf(e.getMessage())));
      return;
    }
    differences.addAll(ReplyComparison.of(request.header(), recorded, reply));
  }

  /** The next reply with the recorded one's id, whichever others come before it. */
  private RawReply reply(TraceEvent recorded) throws IOException {
    int id = new RawReply(recorded.header(), Unpooled.EMPTY_BUFFER).id();
    List<RawReply> waiting =
        Objects.requireNonNull(early.get(recorded.connection()), recorded::toString);
    for (RawReply reply : waiting) {
      if (reply.id() == id) {
        waiting.remove(reply);
        return reply;
      }
    }
    while (true) {
      RawReply reply = connection(recorded).receive();
      if (reply.id() == id) {
        return reply;
      }
      waiting.add(reply);
    }
  }

  @Override
  public void close() throws IOException {
    for (RawConnection connection : connections.values()) {
      connection.close();
    }
  }
}
