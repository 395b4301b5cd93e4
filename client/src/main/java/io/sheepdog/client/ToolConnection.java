package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blocking connection for command line tools: no event loop, no threads, little to load at start.
 *
 * <p>{@link #call} is one request and its reply. {@link #submit} several and {@link #await} each
 * for pipelining; replies may arrive in any order. After an exception the connection is closed.
 * Belongs to one thread.
 */
public final class ToolConnection implements AutoCloseable {
  private final Endpoint endpoint;
  private final ToolOptions options;
  private final InFlightBudget budget;
  private final ToolSocket socket;
  private final Map<Integer, Submitted> submitted = new HashMap<>();

  /** Whose replies are here and were not fetched, in the order in which they came. */
  private final ArrayDeque<Integer> arrived = new ArrayDeque<>();

  private final ByteBuf header = Unpooled.buffer(Limits.HEADER_SIZE, Limits.HEADER_SIZE);
  private @Nullable ByteBuf payload;
  private @Nullable Response response;
  private int nextId;

  private ToolConnection(Endpoint endpoint, ToolOptions options, ToolSocket socket) {
    this.endpoint = endpoint;
    this.options = options;
    this.socket = socket;
    this.budget = new InFlightBudget(options.maxRequests(), options.maxBytes());
  }

  /**
   * Connects; a host name's addresses are tried one after the other.
   *
   * @throws ConnectFailedException naming address and reason: {@code failed to connect to
   *     127.0.0.1:7000: Connection refused}
   */
  public static ToolConnection open(Endpoint endpoint, ToolOptions options)
      throws ConnectFailedException {
    SocketChannel channel = ToolSocket.connect(endpoint, options.connectTimeout());
    try {
      return new ToolConnection(endpoint, options, new ToolSocket(channel));
    } catch (IOException e) {
      throw new ConnectFailedException(endpoint, FailureReason.of(e));
    }
  }

  /** Sends a request and waits for its reply, which the caller releases. */
  public Reply call(Request request, ByteBuf requestPayload) throws ClientException {
    return await(submit(request, requestPayload));
  }

  /**
   * Sends a request without waiting for its reply.
   *
   * @param request header; its id is replaced
   * @param requestPayload the {@code dataLength} bytes of a request with flag WRITE, else empty;
   *     not consumed
   * @return what to {@link #await}
   * @throws OverloadedException if the bounds of the options are reached; fetch replies first (the
   *     connection stays open)
   * @throws IllegalArgumentException if payload and header disagree
   */
  public int submit(Request request, ByteBuf requestPayload) throws ClientException {
    int expected = request.hasFlag(RequestFlags.WRITE) ? request.dataLength() : 0;
    if (requestPayload.readableBytes() != expected) {
      throw new IllegalArgumentException(
          "header announces "
              + expected
              + " payload bytes, there are "
              + requestPayload.readableBytes());
    }
    long bytes = PendingRequest.bytes(request, requestPayload);
    if (!budget.tryAcquire(bytes)) {
      throw new OverloadedException(endpoint, options.maxRequests(), options.maxBytes());
    }
    int id = nextId++;
    submitted.put(
        id, new Submitted(request, bytes, System.nanoTime() + options.replyTimeout().toNanos()));
    ByteBuf requestHeader = Unpooled.buffer(Limits.HEADER_SIZE, Limits.HEADER_SIZE);
    RequestCodec.encode(request.withId(id), requestHeader);
    try {
      socket.send(requestHeader, requestPayload.retainedDuplicate());
    } catch (IOException e) {
      throw lost(FailureReason.of(e));
    }
    return id;
  }

  /** Waits for the reply to what {@link #submit} returned; the caller releases it. */
  public Reply await(int id) throws ClientException {
    Submitted wanted = submitted.get(id);
    if (wanted == null) {
      throw new IllegalArgumentException(
          "nothing was submitted as " + id + ", or its reply was fetched already");
    }
    while (wanted.reply == null) {
      receiveBefore(wanted.expiresAt);
    }
    submitted.remove(id);
    arrived.remove((Integer) id);
    budget.release(wanted.bytes);
    return wanted.reply;
  }

  /**
   * Waits until the reply to anything that was submitted is here.
   *
   * @return what to {@link #await}, which does not wait any more: the one that came first
   * @throws IllegalArgumentException if nothing is submitted
   */
  public int awaitAny() throws ClientException {
    if (submitted.isEmpty()) {
      throw new IllegalArgumentException("nothing was submitted");
    }
    long expiresAt = System.nanoTime() + options.replyTimeout().toNanos();
    while (arrived.isEmpty()) {
      receiveBefore(expiresAt);
    }
    return arrived.element();
  }

  private void receiveBefore(long expiresAt) throws ClientException {
    try {
      if (!receive() && !socket.waitUntilReady(expiresAt)) {
        close();
        throw new DeadlineExceededException(endpoint, options.replyTimeout());
      }
    } catch (ProtocolException e) {
      throw lost("garbage received: " + e.getMessage());
    } catch (ClientException e) {
      throw e;
    } catch (IOException e) {
      throw lost(FailureReason.of(e));
    }
  }

  /** Reads what is there; true if a frame was completed. */
  private boolean receive() throws IOException {
    if (response == null) {
      if (!socket.read(header)) {
        return false;
      }
      Response decoded = ResponseCodec.decode(header);
      header.clear();
      Submitted request = submitted.get(decoded.id());
      if (request == null || request.reply != null) {
        throw new ProtocolException("reply with id " + decoded.id() + " that was not asked for");
      }
      if (decoded.dataLength() > request.request.replyRoom()) {
        throw new ProtocolException(
            "reply of "
                + decoded.dataLength()
                + " bytes to a request that has room for "
                + request.request.replyRoom());
      }
      response = decoded;
      payload =
          decoded.dataLength() == 0
              ? Unpooled.EMPTY_BUFFER
              : Unpooled.buffer(decoded.dataLength(), decoded.dataLength());
    }
    ByteBuf target = payload;
    Response complete = response;
    if (target == null || !socket.read(target)) {
      return false;
    }
    Submitted request = submitted.get(complete.id());
    if (request != null) {
      request.reply = new Reply(complete, target);
      arrived.add(complete.id());
    }
    response = null;
    payload = null;
    return true;
  }

  private ConnectionLostException lost(String reason) {
    close();
    return new ConnectionLostException(endpoint, reason);
  }

  /** Closes the connection and gives replies back that nobody fetched. */
  @Override
  public void close() {
    socket.close();
    for (Submitted request : submitted.values()) {
      if (request.reply != null) {
        request.reply.release();
      }
    }
    submitted.clear();
    arrived.clear();
    if (payload != null) {
      payload.release();
      payload = null;
    }
  }

  private static final class Submitted {
    final Request request;
    final long bytes;
    final long expiresAt;
    @Nullable Reply reply;

    Submitted(Request request, long bytes, long expiresAt) {
      this.request = request;
      this.bytes = bytes;
      this.expiresAt = expiresAt;
    }
  }
}
