package io.sheepdog.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/** The two ways in which Netty does socket I/O here: epoll on Linux, the JDK's NIO everywhere. */
public enum NettyIo {
  /** Native epoll. */
  EPOLL,
  /** The JDK's selector. */
  NIO;

  /** The best one that works in this process. */
  public static NettyIo best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /**
   * Starts event loop threads.
   *
   * @param name prefix of the threads' names
   */
  public MultiThreadIoEventLoopGroup newEventLoops(int threads, String name) {
    IoHandlerFactory factory =
        this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), factory);
  }

  /** Sets the channel class of outgoing connections to that endpoint. */
  void configure(Bootstrap bootstrap, Endpoint endpoint) {
    if (endpoint instanceof Endpoint.Tcp) {
      if (this == EPOLL) {
        bootstrap.channel(EpollSocketChannel.class);
      } else {
        bootstrap.channel(NioSocketChannel.class);
      }
      bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
    } else if (this == EPOLL) {
      bootstrap.channel(EpollDomainSocketChannel.class);
    } else {
      bootstrap.channel(NioDomainSocketChannel.class);
    }
  }

  /** Server channels that listen on TCP. */
  public ChannelFactory<? extends ServerChannel> tcpServer() {
    return this == EPOLL ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
  }

  /** Server channels that listen on Unix sockets. */
  public ChannelFactory<? extends ServerChannel> unixServer() {
    return this == EPOLL ? EpollServerDomainSocketChannel::new : NioServerDomainSocketChannel::new;
  }

  /** The address of a Unix socket as this kind of channel wants it. */
  public SocketAddress unixAddress(Path socket) {
    return this == EPOLL
        ? new DomainSocketAddress(socket.toFile())
        : UnixDomainSocketAddress.of(socket);
  }

  /**
   * Options of a TCP connection that find a dead other side within about {@code limit}: keep-alive
   * probes while it is silent, a bound on unacknowledged data while it is not (the latter with
   * epoll only; the JDK does not offer it).
   */
  public Map<ChannelOption<?>, Object> deadPeerOptions(Duration limit) {
    int seconds = (int) Math.max(1, limit.toSeconds());
    int probes = 3;
    int interval = Math.max(1, seconds / (2 * probes));
    int idle = Math.max(1, seconds - probes * interval);
    Map<ChannelOption<?>, Object> options = new LinkedHashMap<>();
    options.put(ChannelOption.SO_KEEPALIVE, true);
    if (this == EPOLL) {
      options.put(EpollChannelOption.TCP_KEEPIDLE, idle);
      options.put(EpollChannelOption.TCP_KEEPINTVL, interval);
      options.put(EpollChannelOption.TCP_KEEPCNT, probes);
      options.put(EpollChannelOption.TCP_USER_TIMEOUT, (int) limit.toMillis());
    } else {
      options.put(nio(ExtendedSocketOptions.TCP_KEEPIDLE), idle);
      options.put(nio(ExtendedSocketOptions.TCP_KEEPINTERVAL), interval);
      options.put(nio(ExtendedSocketOptions.TCP_KEEPCOUNT), probes);
    }
    return options;
  }

  private static ChannelOption<Integer> nio(SocketOption<Integer> option) {
    return NioChannelOption.of(option);
  }
}
