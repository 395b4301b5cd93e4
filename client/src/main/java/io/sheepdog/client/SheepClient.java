package io.sheepdog.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pipelined client of one daemon over one connection.
 *
 * <p>The connection is made when the first request needs it, and again, with back-off, when it
 * broke and a request needs it. Requests under way at a break end with {@link
 * ConnectionLostException}; later ones wait for the next connection within their deadline. Every
 * request ends exactly once, with the daemon's reply or with a {@link ClientException}.
 *
 * <p>{@link #send} may be called on any thread; outcomes are completed on the event loop.
 */
public final class SheepClient {
  private final Endpoint endpoint;
  private final SocketAddress address;
  private final ClientOptions options;
  private final NettyIo io;
  private final EventLoop loop;
  private final InFlightBudget budget;
  private final BackOff backOff;
  private final @Nullable Supplier<Request> greeting;
  private final ArrayDeque<PendingRequest> waiting = new ArrayDeque<>();
  private @Nullable ClientConnection connection;
  private @Nullable String lastFailure;
  private boolean connecting;
  private boolean sweeping;
  private boolean closed;

  /**
   * Creates a client; nothing is connected yet.
   *
   * @param endpoint the daemon; for TCP a numeric address, since looking names up would block
   * @param options bounds
   * @param io kind of {@code loop}
   * @param loop where everything happens
   */
  public SheepClient(Endpoint endpoint, ClientOptions options, NettyIo io, EventLoop loop) {
    this(endpoint, options, io, loop, null);
  }

  /**
   * The same, with something to say first.
   *
   * @param greeting makes the first request of each new connection; it has no payload, and its
   *     reply is dropped
   */
  public SheepClient(
      Endpoint endpoint,
      ClientOptions options,
      NettyIo io,
      EventLoop loop,
      @Nullable Supplier<Request> greeting) {
    this.greeting = greeting;
    this.endpoint = endpoint;
    this.address = socketAddress(endpoint, io);
    this.options = options;
    this.io = io;
    this.loop = loop;
    this.budget = new InFlightBudget(options.maxRequests(), options.maxBytes());
    this.backOff = new BackOff(options.firstBackOff(), options.maxBackOff());
  }

  private static SocketAddress socketAddress(Endpoint endpoint, NettyIo io) {
    if (endpoint instanceof Endpoint.Tcp tcp) {
      if (NetUtil.createByteArrayFromIpAddressString(tcp.host()) == null) {
        throw new IllegalArgumentException(
            "'" + tcp.host() + "' is not a numeric address; look the name up first");
      }
      return new InetSocketAddress(
          NetUtil.createInetAddressFromIpAddressString(tcp.host()), tcp.port());
    }
    return io.unixAddress(((Endpoint.Unix) endpoint).socket());
  }

  /** Sends a request with the deadline of the options. */
  public CompletionStage<Reply> send(Request request, ByteBuf payload) {
    return send(request, payload, options.deadline());
  }

  /**
   * Sends a request.
   *
   * @param request header; its id is replaced
   * @param payload the {@code dataLength} bytes of a request with flag WRITE, else empty. Not
   *     copied and not consumed: the client retains its own duplicate until it is written
   * @param deadline longest time until the stage completes; a reply that comes later is dropped
   * @return the reply, whose receiver releases it, or a {@link ClientException}
   * @throws IllegalArgumentException if payload and header disagree
   */
  public CompletionStage<Reply> send(Request request, ByteBuf payload, Duration deadline) {
    int expected = request.hasFlag(RequestFlags.WRITE) ? request.dataLength() : 0;
    if (payload.readableBytes() != expected) {
      throw new IllegalArgumentException(
          "header announces " + expected + " payload bytes, there are " + payload.readableBytes());
    }
    if (!budget.tryAcquire(PendingRequest.bytes(request, payload))) {
      return CompletableFuture.failedFuture(
          new OverloadedException(endpoint, options.maxRequests(), options.maxBytes()));
    }
    PendingRequest pending =
        new PendingRequest(request, payload.retainedDuplicate(), deadline, budget);
    if (loop.inEventLoop()) {
      start(pending);
    } else if (loop.isShuttingDown()) {
      pending.fail(new ClientClosedException(endpoint));
    } else {
      loop.execute(() -> start(pending));
    }
    return pending.outcome;
  }

  /**
   * Closes the connection; requests that have no reply yet end with {@link ClientClosedException}.
   */
  public void close() {
    if (loop.inEventLoop()) {
      closeNow();
    } else {
      loop.execute(this::closeNow);
    }
  }

  /** Requests waiting or under way. */
  public int inFlightRequests() {
    return budget.requests();
  }

  /** Payload bytes of those, in both directions. */
  public long inFlightBytes() {
    return budget.bytes();
  }

  private void closeNow() {
    closed = true;
    if (connection != null) {
      connection.close(new ClientClosedException(endpoint));
      connection = null;
    }
    for (PendingRequest pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.fail(new ClientClosedException(endpoint));
    }
  }

  private void start(PendingRequest pending) {
    if (closed) {
      pending.fail(new ClientClosedException(endpoint));
      return;
    }
    if (connection == null) {
      waiting.add(pending);
      connect();
    } else {
      connection.write(pending);
    }
    scheduleSweep();
  }

  private void connect() {
    if (connecting) {
      return;
    }
    connecting = true;
    ClientConnection next =
        new ClientConnection(endpoint, options.maxRequests(), this::disconnected);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) options.connectTimeout().toMillis())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    next.install(channel);
                  }
                });
    io.configure(bootstrap, endpoint);
    bootstrap.connect(address).addListener((ChannelFuture done) -> connected(next, done));
  }

  private void connected(ClientConnection next, ChannelFuture done) {
    if (!done.isSuccess()) {
      lastFailure = FailureReason.of(done.cause());
      retryLater();
      return;
    }
    connecting = false;
    lastFailure = null;
    if (closed) {
      next.close(new ClientClosedException(endpoint));
      return;
    }
    connection = next;
    greet(next);
    for (PendingRequest pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      next.write(pending);
    }
  }

  private void greet(ClientConnection next) {
    if (greeting == null) {
      return;
    }
    Request request = greeting.get();
    budget.acquire(request.replyRoom());
    PendingRequest hello =
        new PendingRequest(request, Unpooled.EMPTY_BUFFER, options.deadline(), budget);
    hello.outcome.thenAccept(Reply::release);
    next.write(hello);
    scheduleSweep();
  }

  private void retryLater() {
    connecting = true;
    loop.schedule(this::retry, backOff.failed(), TimeUnit.NANOSECONDS);
  }

  private void retry() {
    connecting = false;
    if (!closed && !waiting.isEmpty()) {
      connect();
    }
  }

  private void disconnected(ClientConnection gone) {
    if (connection != gone) {
      return;
    }
    connection = null;
    if (gone.wasUseful()) {
      backOff.succeeded();
    } else {
      retryLater();
    }
  }

  private void scheduleSweep() {
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::sweep, options.tick().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void sweep() {
    sweeping = false;
    long now = System.nanoTime();
    for (Iterator<PendingRequest> all = waiting.iterator(); all.hasNext(); ) {
      PendingRequest pending = all.next();
      if (pending.isOverdue(now)) {
        all.remove();
        pending.fail(
            lastFailure == null
                ? new DeadlineExceededException(endpoint, pending.deadline)
                : new ConnectFailedException(endpoint, lastFailure));
      }
    }
    if (connection != null) {
      connection.expire(now);
    }
    if (budget.requests() > 0) {
      scheduleSweep();
    }
  }
}
