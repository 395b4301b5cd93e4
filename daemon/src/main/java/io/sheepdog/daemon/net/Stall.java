package io.sheepdog.daemon.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.sheepdog.client.frame.FrameReceiver;

/**
 * Whether a connection stands still because of its client: of the bytes that lie with the client,
 * the payload that is expected and the replies that it has not read, less than half gets on within
 * {@link #LOOKS} looks. A slow client does not stand still; one that sends a byte now and then to
 * keep its place does. Looked at in regular intervals; looks are counted, not time, so a process
 * that stood still itself blames nobody. Confined to the event loop.
 */
public final class Stall {
  /** After how many looks without getting on a connection stands still. */
  public static final int LOOKS = 10;

  private final Channel channel;
  private final FrameReceiver receiver;
  private long received;
  private long unread;
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
   * @param expected bytes of the payload that the client is sending, 0 if it owes none
   * @param nowCompleted bytes of the requests that were answered so far, the replies read
   * @return whether it stands still
   */
  public boolean look(long expected, long nowCompleted) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long nowUnread = out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
    moved += receiver.received() - received;
    // what was read hides behind new replies, what was completed does not
    moved += Math.max(unread - nowUnread, nowCompleted - completed);
    received = receiver.received();
    unread = nowUnread;
    completed = nowCompleted;
    least = Math.min(least, expected + nowUnread);
    if (2 * moved >= least) {
      looks = 0;
      moved = 0;
      least = expected + nowUnread;
    } else {
      looks++;
    }
    return looks >= LOOKS;
  }
}
