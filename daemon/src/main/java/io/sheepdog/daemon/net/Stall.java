package io.sheepdog.daemon.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.sheepdog.client.frame.FrameReceiver;

/**
 * Whether a connection stands still because of its client: of the bytes that lie with the client,
 * the payload that is expected and replies that it has not read to their end, less than half gets
 * on within {@link #LOOKS} looks. A request lies there with all that it was charged until it is
 * over, so whoever takes ever smaller parts gets on once and no further. A slow client does not
 * stand still; one that moves a byte now and then to keep its place does. Looked at in regular
 * intervals; looks are counted, not time, so a process that stood still itself blames nobody.
 * Confined to the event loop.
 */
public final class Stall {
  /** After how many looks without getting on a connection stands still. */
  public static final int LOOKS = 10;

  private final Channel channel;
  private final FrameReceiver receiver;
  private long received;
  private long unsent;
  private long completed;

  /** Since the connection got on last: looks, bytes that moved, the least that lay with it. */
  private int looks;

  private long moved;
  private long least;

  /** Watches a connection. */
  public Stall(Channel channel, FrameReceiver receiver) {
    this.channel = channel;
    this.receiver = receiver;
  }

  /**
   * Looks once more.
   *
   * @param lying bytes charged for what lies with the client, 0 if it owes nothing
   * @param nowCompleted bytes charged for all requests that are over
   * @param queued bytes of replies that are not with the channel's socket buffer yet
   * @return whether it stands still
   */
  public boolean look(long lying, long nowCompleted, long queued) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long nowUnsent =
        queued + (out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress());
    moved += receiver.received() - received;
    // what was read hides behind new replies, what was completed does not
    moved += Math.max(unsent - nowUnsent, nowCompleted - completed);
    received = receiver.received();
    unsent = nowUnsent;
    completed = nowCompleted;
    least = Math.min(least, lying);
    if (2 * moved >= least) {
      looks = 0;
      moved = 0;
      least = lying;
    } else {
      looks++;
    }
    return looks >= LOOKS;
  }
}
