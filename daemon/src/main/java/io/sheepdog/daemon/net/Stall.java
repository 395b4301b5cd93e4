package io.sheepdog.daemon.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.sheepdog.client.frame.FrameReceiver;

/**
 * Whether a connection stands still because of its client: no byte of the payload that is expected
 * comes, and none of the replies that are written goes. A client that is slow, but gets on, does
 * not. Looked at in regular intervals; looks are counted, not time, so a process that stood still
 * itself blames nobody. Confined to the event loop.
 */
public final class Stall {
  /** After how many looks without a change a connection stands still. */
  public static final int LOOKS = 10;

  private final Channel channel;
  private final FrameReceiver receiver;
  private long received;
  private long unsent;
  private long sentOfFirst;
  private int looks;

  /** Watches a connection. */
  public Stall(Channel channel, FrameReceiver receiver) {
    this.channel = channel;
    this.receiver = receiver;
  }

  /**
   * Looks once more.
   *
   * @param receiving whether the client owes bytes of a payload
   * @return whether it has stood still for {@link #LOOKS} looks
   */
  public boolean look(boolean receiving) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long nowUnsent = out == null ? 0 : out.totalPendingWriteBytes();
    long nowSentOfFirst = out == null ? 0 : out.currentProgress();
    boolean clientsTurn = receiving || nowUnsent > 0;
    boolean moved =
        receiver.received() != received || nowUnsent != unsent || nowSentOfFirst != sentOfFirst;
    received = receiver.received();
    unsent = nowUnsent;
    sentOfFirst = nowSentOfFirst;
    looks = clientsTurn && !moved ? looks + 1 : 0;
    return looks >= LOOKS;
  }
}
