package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.collection.IntObjectHashMap;
import io.sheepdog.client.frame.FrameReceiver;
import io.sheepdog.client.frame.FrameSink;
import io.sheepdog.client.frame.FrameWriter;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a {@link SheepClient}: gives requests their ids and replies their requests.
 * Confined to the event loop.
 */
final class ClientConnection implements FrameSink {
  private final Endpoint endpoint;
  private final int maxUnanswered;
  private final Consumer<ClientConnection> onGone;

  /**
   * By id, until the reply is here: also requests whose deadline has passed, so that their late
   * reply is recognised.
   */
  private final IntObjectHashMap<PendingRequest> unanswered = new IntObjectHashMap<>();

  private @Nullable Channel channel;
  private @Nullable FrameReceiver receiver;
  private @Nullable FrameWriter writer;
  private @Nullable ClientException reason;
  private @Nullable PendingRequest receiving;
  private @Nullable Response response;
  private int nextId;
  private boolean useful;
  private boolean gone;

  ClientConnection(Endpoint endpoint, int maxUnanswered, Consumer<ClientConnection> onGone) {
    this.endpoint = endpoint;
    this.maxUnanswered = maxUnanswered;
    this.onGone = onGone;
  }

  void install(Channel newChannel) {
    channel = newChannel;
    receiver = FrameReceiver.install(newChannel, this);
    writer = new FrameWriter(newChannel);
  }

  void write(PendingRequest pending) {
    if (gone) {
      pending.fail(new ConnectionLostException(endpoint, "closed by the other side"));
      return;
    }
    if (unanswered.size() >= 2 * maxUnanswered) {
      close(new ConnectionLostException(endpoint, unanswered.size() + " requests without a reply"));
      pending.fail(Objects.requireNonNull(reason));
      return;
    }
    while (unanswered.containsKey(nextId)) {
      nextId++;
    }
    int id = nextId++;
    unanswered.put(id, pending);
    Request request = pending.request.withId(id);
    ByteBuf header = channel().alloc().directBuffer(Limits.HEADER_SIZE, Limits.HEADER_SIZE);
    RequestCodec.encode(request, header);
    Objects.requireNonNull(writer).write(header, pending.takePayload());
  }

  /** Ends requests whose time is up; their ids stay taken until the reply comes. */
  void expire(long now) {
    for (PendingRequest pending : unanswered.values()) {
      expire(pending, now);
    }
    if (receiving != null) {
      expire(receiving, now);
    }
  }

  private void expire(PendingRequest pending, long now) {
    if (pending.isOverdue(now)) {
      pending.fail(new DeadlineExceededException(endpoint, pending.deadline));
    }
  }

  /** Whether a reply ever came; a connection that never had one does not count as a success. */
  boolean wasUseful() {
    return useful;
  }

  /** Ends everything with that reason. */
  void close(ClientException why) {
    if (reason == null) {
      reason = why;
    }
    channel().close();
  }

  @Override
  public void header(ByteBuf header) {
    FrameReceiver frames = Objects.requireNonNull(receiver);
    Response decoded;
    try {
      decoded = ResponseCodec.decode(header);
    } catch (ProtocolException e) {
      refuse(e.getMessage());
      return;
    }
    PendingRequest pending = unanswered.remove(decoded.id());
    if (pending == null) {
      refuse("reply with id " + decoded.id() + " that was not asked for");
    } else if (decoded.dataLength() > pending.request.replyRoom()) {
      unanswered.put(decoded.id(), pending);
      refuse(
          "reply of "
              + decoded.dataLength()
              + " bytes to a request that has room for "
              + pending.request.replyRoom());
    } else if (pending.isEnded()) {
      frames.skip(decoded.dataLength());
    } else {
      response = decoded;
      receiving = pending;
      frames.receive(decoded.dataLength());
    }
  }

  private void refuse(@Nullable String why) {
    close(new ConnectionLostException(endpoint, "garbage received: " + why));
    Objects.requireNonNull(receiver).discard();
  }

  @Override
  public void payload(ByteBuf payload) {
    PendingRequest pending = Objects.requireNonNull(receiving);
    Response header = Objects.requireNonNull(response);
    receiving = null;
    response = null;
    useful = true;
    if (pending.isEnded()) {
      payload.release();
    } else {
      pending.succeed(new Reply(header, payload));
    }
  }

  @Override
  public void disconnected(@Nullable Throwable cause) {
    gone = true;
    ClientException why = reason;
    if (why == null) {
      why = new ConnectionLostException(endpoint, FailureReason.of(cause));
    }
    onGone.accept(this);
    if (receiving != null) {
      failUnlessEnded(receiving, why);
    }
    for (PendingRequest pending : unanswered.values()) {
      failUnlessEnded(pending, why);
    }
    unanswered.clear();
  }

  private static void failUnlessEnded(PendingRequest pending, ClientException why) {
    if (!pending.isEnded()) {
      pending.fail(why);
    }
  }

  private Channel channel() {
    return Objects.requireNonNull(channel, "not installed");
  }
}
