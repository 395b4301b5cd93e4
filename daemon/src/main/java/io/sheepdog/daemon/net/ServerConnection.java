package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.sheepdog.client.frame.FrameReceiver;
import io.sheepdog.client.frame.FrameSink;
import io.sheepdog.client.frame.FrameWriter;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.PayloadTooLargeException;
import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.SequenceBody;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection. A frame is admitted in two steps, each of which may stop the reading of
 * the socket: what this connection has under way, and what all connections have under way of that
 * kind. Replies go out as they complete.
 */
final class ServerConnection implements FrameSink, ByteBudget.Waiter {
  private static final int FLAGS_OFFSET = 2;

  /** How long a refused client may take to read why, before the connection is cut. */
  private static final long LINGER_SECONDS = 2;

  /** How long a client that sends nothing more may wait for replies: it may well be gone. */
  private static final long UNREAD_REPLIES_SECONDS = 60;

  /** Where the frame whose header is here stands. */
  private enum Stage {
    NONE,
    WAITING_FOR_OWN_REPLIES,
    WAITING_IN_LINE,
    RECEIVING
  }

  private final ServerShared shared;
  private final String client;
  private final RequestHandler.Session session;
  private final Channel channel;
  private final FrameReceiver receiver;
  private final FrameWriter writer;
  private Stage stage = Stage.NONE;
  private final Stall stall;
  private @Nullable Request current;
  private @Nullable ByteBudget charged;
  private int requests;
  private long bytes;
  private long completed;
  private long unread;
  private boolean isPeer;
  private boolean refused;
  private boolean inputEnded;
  private boolean sessionOpen = true;
  private boolean closed;

  ServerConnection(ServerShared shared, String client, Channel channel) {
    this.shared = shared;
    this.client = client;
    this.channel = channel;
    this.receiver = FrameReceiver.install(channel, this);
    this.writer = new FrameWriter(channel);
    this.stall = new Stall(channel, receiver);
    this.session = shared.handler().open(client);
    shared.connections().add(this);
    NetEvent.CONNECTED.log("client={}", client);
  }

  @Override
  public void header(ByteBuf header) {
    Request request;
    try {
      request = RequestCodec.decode(header);
    } catch (PayloadTooLargeException e) {
      refuse(e.opcode(), e.id(), ResultCode.INVALID_PARMS, e.getMessage());
      boolean payloadFollows = (header.getUnsignedShortLE(FLAGS_OFFSET) & RequestFlags.WRITE) != 0;
      if (payloadFollows) {
        endAfterReading();
      } else {
        receiver.skip(0);
      }
      return;
    }
    if (!ProtocolVersion.accepts(request.opcode(), request.protocolVersion())) {
      String reason = "protocol version " + request.protocolVersion();
      refuse(request.opcode(), request.id(), ResultCode.VER_MISMATCH, reason);
      if (request.carriesPayload()) {
        endAfterReading();
      } else {
        receiver.skip(0);
      }
    } else if (request.operation() == null) {
      refuse(request.opcode(), request.id(), ResultCode.INVALID_PARMS, "unknown opcode");
      receiver.skip(request.carriesPayload() ? request.dataLength() : 0);
    } else {
      current = request;
      stage = Stage.WAITING_FOR_OWN_REPLIES;
      admit();
    }
  }

  private void admit() {
    if (stage != Stage.WAITING_FOR_OWN_REPLIES) {
      return;
    }
    Request request = Objects.requireNonNull(current);
    ServerLimits limits = shared.limits();
    if (requests > 0
        && (requests >= limits.connectionRequests()
            || bytes + wanted() > limits.connectionBytes())) {
      return;
    }
    stage = Stage.WAITING_IN_LINE;
    if (shared.budgets().of(request).acquire(this)) {
      admitted();
    }
  }

  @Override
  public Object client() {
    return client;
  }

  @Override
  public long wanted() {
    return Budgets.cost(Objects.requireNonNull(current));
  }

  @Override
  public long held() {
    return bytes;
  }

  @Override
  public void admitted() {
    Request request = Objects.requireNonNull(current);
    charged = shared.budgets().of(request);
    stage = Stage.RECEIVING;
    requests++;
    bytes += wanted();
    shared.requestStarted();
    receiver.receive(request.carriesPayload() ? request.dataLength() : 0);
  }

  @Override
  public void payload(ByteBuf payload) {
    Request request = Objects.requireNonNull(current);
    current = null;
    stage = Stage.NONE;
    AdminLog.received(client, request, payload);
    if (request.operation() == Opcode.PEER_HELLO) {
      payload.release();
      hello(request);
      return;
    }
    try {
      session
          .handle(request, payload)
          .whenComplete((reply, failure) -> complete(request, reply, failure));
    } catch (RuntimeException e) {
      complete(request, null, e);
    } finally {
      payload.release();
    }
  }

  private void hello(Request request) {
    if (request.body() instanceof SequenceBody hello) {
      isPeer = true;
      session.greeted(hello.incarnation());
      shared.greetings().greeted(this, hello.incarnation(), hello.sequence());
    }
    complete(
        request,
        new Reply(Response.to(request, Epoch.ZERO, ResultCode.SUCCESS), Unpooled.EMPTY_BUFFER),
        null);
  }

  private void complete(Request request, @Nullable Reply outcome, @Nullable Throwable failure) {
    Reply reply = ReplyRules.reply(client, request, outcome, failure, shared.badFrames());
    AdminLog.answered(client, request, reply.header());
    if (closed || refused) {
      reply.release();
      done(request);
      return;
    }
    long cost = Budgets.cost(request);
    unread += cost;
    writer
        .write(ReplyRules.encode(request, reply.header(), channel.alloc()), reply.payload())
        .addListener(
            written -> {
              unread -= cost;
              done(request);
            });
  }

  private void done(Request request) {
    long cost = Budgets.cost(request);
    requests--;
    bytes -= cost;
    completed += cost;
    shared.budgets().of(request).release(cost);
    shared.requestDone();
    if (inputEnded) {
      closeWhenAnswered();
    } else if (!closed) {
      admit();
    }
  }

  private void refuse(int opcode, int id, ResultCode code, @Nullable String reason) {
    shared
        .badFrames()
        .log(
            "client={} opcode={} result={} reason=\"{}\"",
            client,
            String.format("0x%02x", opcode),
            code,
            String.valueOf(reason));
    writer.write(ReplyRules.refusal(opcode, id, code, channel.alloc()), Unpooled.EMPTY_BUFFER);
  }

  /**
   * Ends a connection whose next frame nobody can find. Closing at once, while the client still
   * sends, would reset it and lose the answer.
   */
  private void endAfterReading() {
    refused = true;
    receiver.discard();
    channel.eventLoop().execute(this::shutdownOutput);
  }

  private void shutdownOutput() {
    if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
      channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    } else {
      channel.close();
    }
  }

  /** Takes no further request; those under way are answered. */
  void stopReading() {
    dropCurrent();
    receiver.discard();
  }

  /**
   * Cuts the connection. Frames that have arrived and were not handed on yet are dropped with it.
   */
  void close() {
    stopReading();
    channel.close();
  }

  /**
   * The client sends nothing more. As a rule it is gone, so its session ends; but it may have
   * closed its side of the connection only, so it still gets the replies to what is under way.
   */
  @Override
  public void inputEnded() {
    if (inputEnded || closed) {
      return;
    }
    stopReading();
    inputEnded = true;
    endSession();
    closeWhenAnswered();
    channel.eventLoop().schedule(() -> channel.close(), UNREAD_REPLIES_SECONDS, TimeUnit.SECONDS);
  }

  /** Cuts the connection if a frame waits to be let in, which means that the socket is not read. */
  void cutIfUnread() {
    if (stage == Stage.WAITING_FOR_OWN_REPLIES || stage == Stage.WAITING_IN_LINE) {
      closed = true;
      endSession();
      close();
    }
  }

  /** Cuts the connection if its client leaves bytes lying that others wait for. */
  void look() {
    boolean receiving = stage == Stage.RECEIVING;
    boolean stalled = stall.look(unread + (receiving ? wanted() : 0), completed, 0);
    ByteBudget budget = charged;
    if (stalled && bytes > 0 && budget != null && budget.isShort()) {
      NetEvent.CLIENT_STALLED.log(
          "client={} bytes={} {}",
          client,
          bytes,
          receiving ? "payload=not_sent" : "replies=not_read");
      closed = true;
      endSession();
      close();
    }
  }

  private void endSession() {
    if (sessionOpen) {
      sessionOpen = false;
      session.close();
    }
  }

  private void closeWhenAnswered() {
    if (requests == 0) {
      // behind the flush of what was written in this turn of the loop
      channel.eventLoop().execute(channel::close);
    }
  }

  @Override
  public void disconnected(@Nullable Throwable cause) {
    closed = true;
    shared.connections().remove(this);
    if (isPeer) {
      shared.greetings().gone(this);
    }
    dropCurrent();
    endSession();
    if (cause != null) {
      NetEvent.CONNECTION_FAILED.log(
          "client={} reason=\"{}\"", client, String.valueOf(cause.getMessage()));
    }
    NetEvent.DISCONNECTED.log("client={}", client);
  }

  /** Forgets a frame that is not complete yet. */
  private void dropCurrent() {
    Request request = current;
    if (request == null) {
      return;
    }
    Stage was = stage;
    if (was == Stage.WAITING_IN_LINE) {
      shared.budgets().of(request).cancel(this);
    }
    current = null;
    stage = Stage.NONE;
    if (was == Stage.RECEIVING) {
      done(request);
    }
  }
}
