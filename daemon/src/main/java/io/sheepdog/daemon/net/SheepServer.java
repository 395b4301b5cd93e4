package io.sheepdog.daemon.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.sheepdog.client.NettyIo;
import io.sheepdog.protocol.id.NodeAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Accepts clients and peers on TCP and on the store's Unix socket. It binds its addresses first, so
 * that a port that is taken is found out early; connections wait in the kernel until {@link
 * #serve}. The methods that listen may be called on any thread, all others on the event loop.
 */
public final class SheepServer {
  private static final int BACKLOG = 1024;

  /** Within this bound a client host that died is found out (R12). */
  private static final Duration DEAD_CLIENT = Duration.ofSeconds(10);

  private final NettyIo io;
  private final EventLoop loop;
  private final ServerShared shared;
  private final List<Channel> listening = new ArrayList<>();
  private @Nullable Future<?> looks;

  /** Creates a server without addresses. */
  public SheepServer(NettyIo io, EventLoop loop, ServerLimits limits) {
    this.io = io;
    this.loop = loop;
    this.shared = new ServerShared(limits);
  }

  /**
   * Accepts connections from now on, those that wait already and those of addresses that are bound
   * later included.
   */
  public void serve(RequestHandler handler) {
    shared.serve(handler);
    if (looks == null) {
      long interval = shared.limits().patience().toMillis() / Stall.LOOKS;
      looks = loop.scheduleAtFixedRate(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }
    listening.forEach(channel -> channel.config().setAutoRead(true));
  }

  private void look() {
    shared.budgets().look();
    List.copyOf(shared.connections()).forEach(ServerConnection::look);
  }

  /**
   * Binds a TCP address.
   *
   * @param address where, null for all addresses of IPv4 and IPv6
   * @param port 0..65535, 0 for a free one
   * @return the port; or the reason why not
   */
  public CompletionStage<Integer> listenTcp(@Nullable InetAddress address, int port) {
    SocketAddress local =
        address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(io.tcpServer())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true);
    io.deadPeerOptions(DEAD_CLIENT)
        .forEach((option, value) -> childOption(bootstrap, option, value));
    return listen(bootstrap, local, null)
        .thenApply(channel -> ((InetSocketAddress) channel.localAddress()).getPort());
  }

  @SuppressWarnings("unchecked") // keys and values of deadPeerOptions belong together
  private static <T> void childOption(
      ServerBootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.childOption(option, (T) value);
  }

  /**
   * Binds a Unix socket.
   *
   * @param socket path; nothing may be there
   * @param clientAddress what clients on it count as: the address of this node, so that a client is
   *     the same on both ways (R12)
   */
  public CompletionStage<Void> listenUnix(Path socket, String clientAddress) {
    ServerBootstrap bootstrap = new ServerBootstrap().group(loop).channelFactory(io.unixServer());
    return listen(bootstrap, io.unixAddress(socket), clientAddress).thenApply(channel -> null);
  }

  private CompletionStage<Channel> listen(
      ServerBootstrap bootstrap, SocketAddress local, @Nullable String clientAddress) {
    CompletableFuture<Channel> result = new CompletableFuture<>();
    bootstrap
        .option(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.AUTO_READ, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .handler(new AcceptErrors())
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted(channel, clientAddress);
              }
            })
        .bind(local)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listening.add(bound.channel());
                bound.channel().config().setAutoRead(shared.isServing());
                NetEvent.LISTENING.log("address={}", bound.channel().localAddress());
                result.complete(bound.channel());
              } else {
                result.completeExceptionally(bound.cause());
              }
            });
    return result;
  }

  private void accepted(Channel channel, @Nullable String clientAddress) {
    String client = clientAddress;
    if (client == null) {
      client = NodeAddress.of(((SocketChannel) channel).remoteAddress().getAddress(), 0).host();
    }
    if (shared.connections().size() >= shared.limits().connections()) {
      NetEvent.TOO_MANY_CONNECTIONS.log(
          "client={} limit={}", client, shared.limits().connections());
      channel.close();
      return;
    }
    new ServerConnection(shared, client, channel);
  }

  /**
   * Stops or resumes taking requests that need the disk; the sockets of those who send some are not
   * read meanwhile.
   */
  public void pauseDiskWork(boolean paused) {
    shared.budgets().pauseDiskWork(paused);
  }

  /** What clients may have under way here, on whatever way they come. */
  public ByteBudget clientBytes() {
    return shared.budgets().gateway();
  }

  /**
   * Cuts the connections that have more under way than they may. Whether such a client is still
   * there cannot be seen, because its end comes behind bytes that nobody reads.
   */
  public void cutUnread() {
    List.copyOf(shared.connections()).forEach(ServerConnection::cutIfUnread);
  }

  /** Accepts no further connection and takes no further request. */
  public void stopAccepting() {
    listening.forEach(Channel::close);
    List.copyOf(shared.connections()).forEach(ServerConnection::stopReading);
  }

  /** Runs {@code action} once the replies to all requests under way are with the kernel. */
  public void whenIdle(Runnable action) {
    shared.whenIdle(action);
  }

  /** Closes all connections. */
  public void close() {
    if (looks != null) {
      looks.cancel(false);
    }
    listening.forEach(Channel::close);
    List.copyOf(shared.connections()).forEach(ServerConnection::close);
  }

  /** Open connections. */
  public int connections() {
    return shared.connections().size();
  }

  /** Requests under way. */
  public int requests() {
    return shared.requests();
  }

  /** Bytes under way, as {@link ServerLimits} counts them. */
  public long bytes() {
    return shared.budgets().used();
  }

  /** Failures of a listening socket itself. */
  private static final class AcceptErrors extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      NetEvent.ACCEPT_FAILED.log("reason=\"{}\"", String.valueOf(cause.getMessage()));
      // Netty's own acceptor then pauses accepting for a second, which lets descriptors come free.
      context.fireExceptionCaught(cause);
    }
  }
}
