package io.sheepdog.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One attempt to connect, to find out whether anybody listens; nothing is sent. */
public final class ConnectAttempt {
  private ConnectAttempt() {}

  /** What became of it. */
  public enum Outcome {
    /** Somebody listens. */
    ACCEPTED,
    /** The host is there, and nobody listens. */
    REFUSED,
    /** Neither could be found out within the time. */
    UNKNOWN
  }

  /**
   * Tries to connect, and closes the connection at once.
   *
   * @param endpoint with a numeric address
   * @param limit longest time
   * @return the outcome; completes normally, on {@code loop}
   */
  public static CompletionStage<Outcome> make(
      Endpoint.Tcp endpoint, Duration limit, NettyIo io, EventLoop loop) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
    if (address == null) {
      throw new IllegalArgumentException(
          "'" + endpoint.host() + "' is not a numeric address; look the name up first");
    }
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limit.toMillis())
            .handler(new ChannelInboundHandlerAdapter());
    io.configure(bootstrap, endpoint);
    bootstrap
        .connect(new InetSocketAddress(address, endpoint.port()))
        .addListener(
            (ChannelFuture done) -> {
              Channel channel = done.channel();
              channel.close();
              outcome.complete(outcome(done));
            });
    return outcome;
  }

  private static Outcome outcome(ChannelFuture done) {
    if (done.isSuccess()) {
      return Outcome.ACCEPTED;
    }
    boolean refused =
        done.cause() instanceof ConnectException
            && FailureReason.of(done.cause()).equals(FailureReason.REFUSED);
    return refused ? Outcome.REFUSED : Outcome.UNKNOWN;
  }
}
