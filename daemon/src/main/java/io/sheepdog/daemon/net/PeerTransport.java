package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.ClientOptions;
import io.sheepdog.client.ConnectAttempt;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.NettyIo;
import io.sheepdog.client.SheepClient;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Requests to other daemons: one pipelined connection to each, made when needed, and one more for
 * questions about leases, which must not wait behind what a slow disk or a full socket holds up:
 * who answers none is given up. On the event loop.
 */
public final class PeerTransport implements Transport {
  /** How long the question whether a daemon has ended waits for its answer. */
  private static final Duration QUESTION = Duration.ofSeconds(1);

  private static final int STATUS_ROOM = 4096;

  private final NettyIo io;
  private final EventLoop loop;
  private final ClientOptions options;
  private final Map<NodeAddress, SheepClient> clients = new HashMap<>();
  private final Map<NodeAddress, SheepClient> leaseClients = new HashMap<>();
  private final long incarnation;
  private long connections;
  private boolean closed;

  /**
   * Creates a transport without connections.
   *
   * @param incarnation of this daemon; with the number of the connection it lets a receiver tell
   *     this daemon's newest connection from earlier ones
   */
  public PeerTransport(NettyIo io, EventLoop loop, ClientOptions options, long incarnation) {
    this.incarnation = incarnation;
    this.io = io;
    this.loop = loop;
    this.options = options;
  }

  @Override
  public CompletionStage<Reply> send(NodeAddress to, Request request, ByteBuf payload) {
    if (closed) {
      return CompletableFuture.completedFuture(networkError(request));
    }
    return client(to, request)
        .send(request, payload)
        .exceptionally(failure -> failed(to, request, failure));
  }

  @Override
  public CompletionStage<Boolean> hasEnded(NodeAddress address, long otherIncarnation) {
    if (closed) {
      return CompletableFuture.completedFuture(false);
    }
    Endpoint.Tcp endpoint = new Endpoint.Tcp(address.host(), address.port());
    return ConnectAttempt.make(endpoint, QUESTION, io, loop)
        .thenCompose(
            outcome ->
                outcome == ConnectAttempt.Outcome.ACCEPTED
                    ? askWhetherEnded(endpoint, otherIncarnation)
                    : CompletableFuture.completedFuture(outcome == ConnectAttempt.Outcome.REFUSED));
  }

  private CompletionStage<Boolean> askWhetherEnded(Endpoint endpoint, long otherIncarnation) {
    SheepClient client = new SheepClient(endpoint, options.withDeadline(QUESTION), io, loop);
    Request question =
        Request.of(Opcode.NODE_STATUS, RequestFlags.NONE, STATUS_ROOM, RawBody.EMPTY);
    return client
        .send(question, Unpooled.EMPTY_BUFFER)
        .handle(
            (reply, failure) -> {
              client.close();
              return failure == null && isAnother(reply, otherIncarnation);
            });
  }

  private static boolean isAnother(Reply reply, long incarnation) {
    boolean another =
        (reply.header().isSuccess() || reply.header().is(ResultCode.BUFFER_SMALL))
            && reply.header().body() instanceof PeerReply body
            && body.incarnation() != incarnation;
    reply.release();
    return another;
  }

  private SheepClient client(NodeAddress to, Request request) {
    return request.operation() == Opcode.PEER_LEASE
        ? leaseClients.computeIfAbsent(to, this::newLeaseClient)
        : clients.computeIfAbsent(to, this::newClient);
  }

  /** Says no hello: a late question does no harm, and the other connection stays the newest. */
  private SheepClient newLeaseClient(NodeAddress to) {
    return new SheepClient(Endpoint.tcp(to.host(), to.port()), options, io, loop);
  }

  private SheepClient newClient(NodeAddress to) {
    return new SheepClient(Endpoint.tcp(to.host(), to.port()), options, io, loop, this::hello);
  }

  private Request hello() {
    connections++;
    return Request.of(Opcode.PEER_HELLO, new SequenceBody(connections, 0, incarnation));
  }

  private static Reply failed(NodeAddress to, Request request, Throwable failure) {
    if (!(failure instanceof ClientException)) {
      NetEvent.REQUEST_FAILED.log(
          "peer={} request={} reason=\"{}\"", to, request, failure, failure);
    } else {
      NetEvent.PEER_FAILED.log("peer={} reason=\"{}\"", to, String.valueOf(failure.getMessage()));
    }
    return networkError(request);
  }

  private static Reply networkError(Request request) {
    return new Reply(
        Response.to(request, Epoch.ZERO, ResultCode.NETWORK_ERROR), Unpooled.EMPTY_BUFFER);
  }

  /**
   * Drops the connections to all but those nodes; requests under way to the others end with
   * NETWORK_ERROR at once.
   */
  public void retainOnly(Set<NodeAddress> members) {
    retainOnly(members, clients);
    retainOnly(members, leaseClients);
  }

  private static void retainOnly(
      Set<NodeAddress> members, Map<NodeAddress, SheepClient> connections) {
    for (NodeAddress address : Set.copyOf(connections.keySet())) {
      SheepClient client = connections.get(address);
      if (client != null && !members.contains(address)) {
        connections.remove(address);
        client.close();
      }
    }
  }

  /** Closes everything. */
  public void close() {
    closed = true;
    retainOnly(Set.of());
  }
}
