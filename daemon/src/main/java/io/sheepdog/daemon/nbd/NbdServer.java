package io.sheepdog.daemon.nbd;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.sheepdog.client.NettyIo;
import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.daemon.nbd.Handshake.TlsMode;
import io.sheepdog.daemon.net.ByteBudget;
import io.sheepdog.daemon.net.Stall;
import io.sheepdog.protocol.id.NodeAddress;
import java.io.IOException;
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
 * Accepts NBD clients on TCP and on the store's Unix socket. Addresses are bound before the node is
 * a member; connections wait in the kernel until {@link #serve}, so for clients that come back
 * after a restart that is a pause. The methods that listen may be called on any thread, all others
 * on the event loop.
 */
public final class NbdServer {
  /** Port of the protocol (IANA). */
  public static final int DEFAULT_PORT = 10809;

  private static final int BACKLOG = 1024;

  /** Within this bound a client host that died is found out (R12). */
  private static final Duration DEAD_CLIENT = Duration.ofSeconds(10);

  private final NettyIo io;
  private final EventLoop loop;
  private final NbdLimits limits;
  private final ByteBudget budget;
  private final String nodeAddress;
  private final NbdTls tcpTls;
  private final NbdTls unixTls;
  private final List<Channel> listening = new ArrayList<>();
  private @Nullable NbdShared shared;
  private @Nullable Future<?> looks;

  /**
   * Creates a server without addresses.
   *
   * @param budget bytes that these clients share with others of the node
   * @param nodeAddress what clients of this host count as, on whatever way they come
   * @param tls certificates, null for none: with them, clients on TCP must use TLS, others may
   */
  public NbdServer(
      NettyIo io,
      EventLoop loop,
      NbdLimits limits,
      ByteBudget budget,
      String nodeAddress,
      @Nullable TlsFiles tls) {
    this.io = io;
    this.loop = loop;
    this.limits = limits;
    this.budget = budget;
    this.nodeAddress = nodeAddress;
    this.tcpTls = tls == null ? NbdTls.NONE : tls.forListener(TlsMode.REQUIRED);
    this.unixTls = tls == null ? NbdTls.NONE : tls.forListener(TlsMode.OFFERED);
  }

  /** Accepts connections from now on, those that wait already included. */
  public void serve(BlockVolumes volumes) {
    shared = new NbdShared(limits, budget, volumes);
    long interval = limits.patience().toMillis() / Stall.LOOKS;
    looks = loop.scheduleAtFixedRate(this::look, interval, interval, TimeUnit.MILLISECONDS);
    listening.forEach(channel -> channel.config().setAutoRead(true));
  }

  private void look() {
    connections().forEach(NbdConnection::look);
  }

  /**
   * Binds a TCP address.
   *
   * @param port 0..65535, 0 for a free one
   * @return the port; or the reason why not
   */
  public CompletionStage<Integer> listenTcp(InetAddress address, int port) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(io.tcpServer())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true);
    io.deadPeerOptions(DEAD_CLIENT)
        .forEach((option, value) -> childOption(bootstrap, option, value));
    return listen(bootstrap, new InetSocketAddress(address, port), tcpTls)
        .thenApply(channel -> ((InetSocketAddress) channel.localAddress()).getPort());
  }

  @SuppressWarnings("unchecked") // keys and values of deadPeerOptions belong together
  private static <T> void childOption(
      ServerBootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.childOption(option, (T) value);
  }

  /** Binds a Unix socket at a path where nothing is. */
  public CompletionStage<Void> listenUnix(Path socket) {
    ServerBootstrap bootstrap = new ServerBootstrap().group(loop).channelFactory(io.unixServer());
    return listen(bootstrap, io.unixAddress(socket), unixTls).thenApply(channel -> null);
  }

  private CompletionStage<Channel> listen(
      ServerBootstrap bootstrap, SocketAddress local, NbdTls tls) {
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
                accepted(channel, tls);
              }
            })
        .bind(local)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                listening.add(bound.channel());
                bound.channel().config().setAutoRead(shared != null);
                NbdEvent.NBD_LISTENING.log("address={}", bound.channel().localAddress());
                result.complete(bound.channel());
              } else {
                result.completeExceptionally(bound.cause());
              }
            });
    return result;
  }

  private void accepted(Channel channel, NbdTls tls) {
    NbdShared all = shared;
    if (all == null || all.isOverrun()) {
      channel.close();
      return;
    }
    NbdConnection connection = new NbdConnection(all, channel, client(channel), tls);
    channel.pipeline().addLast("start", new Start(connection));
  }

  private BlockClient client(Channel channel) {
    if (channel instanceof SocketChannel tcp) {
      InetAddress address = tcp.remoteAddress().getAddress();
      return BlockClient.of(
          address.isLoopbackAddress() ? nodeAddress : NodeAddress.of(address, 0).host());
    }
    return BlockClient.ofProcess(nodeAddress, process(channel));
  }

  /** 0 if it cannot be known. */
  private static int process(Channel channel) {
    if (channel instanceof EpollDomainSocketChannel unix) {
      try {
        return unix.peerCredentials().pid();
      } catch (IOException clientIsGone) {
        return 0;
      }
    }
    return 0;
  }

  /** Accepts no further connection and takes no further request. */
  public void stopAccepting() {
    listening.forEach(Channel::close);
    connections().forEach(NbdConnection::stopReading);
  }

  /** Runs {@code action} once the replies to all requests under way are with the kernel. */
  public void whenIdle(Runnable action) {
    if (shared == null) {
      action.run();
    } else {
      shared.whenIdle(action);
    }
  }

  /** Cuts all connections. */
  public void close() {
    if (looks != null) {
      looks.cancel(false);
    }
    listening.forEach(Channel::close);
    connections().forEach(NbdConnection::close);
  }

  private List<NbdConnection> connections() {
    return shared == null ? List.of() : List.copyOf(shared.connections());
  }

  /** Begins to talk when the connection is there. */
  private static final class Start extends ChannelInboundHandlerAdapter {
    private final NbdConnection connection;

    Start(NbdConnection connection) {
      this.connection = connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      if (context.channel().isActive()) {
        begin(context);
      }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      begin(context);
      context.fireChannelActive();
    }

    private void begin(ChannelHandlerContext context) {
      context.pipeline().remove(this);
      connection.start();
    }
  }

  /** Failures of a listening socket itself. */
  private static final class AcceptErrors extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      NbdEvent.NBD_ACCEPT_FAILED.log("reason=\"{}\"", String.valueOf(cause.getMessage()));
      // Netty's own acceptor then pauses accepting for a second, which lets descriptors come free.
      context.fireExceptionCaught(cause);
    }
  }
}
