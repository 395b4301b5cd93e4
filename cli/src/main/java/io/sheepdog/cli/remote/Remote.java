package io.sheepdog.cli.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.ToolConnection;
import io.sheepdog.client.ToolOptions;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.message.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/** One daemon. */
public final class Remote implements AutoCloseable {
  /**
   * Recovery may hold an answer back for long; a daemon that is gone is noticed by its connection.
   */
  private static final Duration REPLY_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** What a node has in memory comes at once, or not at all. */
  private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);

  /** Requests under way at a time; a reply has at most 4 MiB here. */
  private static final int WINDOW = 16;

  /** Most bytes of a node's sentence on why it serves nothing. */
  private static final int STATUS_ROOM = 8192;

  private final ToolConnection connection;
  private final Endpoint.Tcp endpoint;
  private final Profile profile;

  private Remote(ToolConnection connection, Endpoint.Tcp endpoint, Profile profile) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.profile = profile;
  }

  /** Connects. */
  public static Remote open(String host, int port, Profile profile) throws CommandFailure {
    return open(new Endpoint.Tcp(host, port), REPLY_TIMEOUT, profile);
  }

  /**
   * Connects to one of several nodes that are asked how they are; one that hangs must not hold up
   * what the others have to tell.
   */
  public static Remote openForStatus(NodeAddress node, Profile profile) throws CommandFailure {
    return open(new Endpoint.Tcp(node.host(), node.port()), STATUS_TIMEOUT, profile);
  }

  private static Remote open(Endpoint.Tcp endpoint, Duration replyTimeout, Profile profile)
      throws CommandFailure {
    try {
      ToolOptions options = ToolOptions.DEFAULTS.withTimeouts(CONNECT_TIMEOUT, replyTimeout);
      return new Remote(ToolConnection.open(endpoint, options), endpoint, profile);
    } catch (ClientException e) {
      throw new CommandFailure(profile.systemExit(), inWordsOf(profile, endpoint, e));
    }
  }

  /** The name or address that the user gave. */
  public String host() {
    return endpoint.host();
  }

  /** Where the daemon is, as users see it. */
  public Endpoint.Tcp endpoint() {
    return endpoint;
  }

  /** 2010 wrote a comma before the reason; OpenStack looks at how the line begins. */
  private static String inWordsOf(Profile profile, Endpoint endpoint, ClientException failure) {
    String message = String.valueOf(failure.getMessage());
    String beginning = "failed to connect to " + endpoint;
    return profile == Profile.COLLIE && message.startsWith(beginning + ": ")
        ? beginning + ", " + message.substring(beginning.length() + 2)
        : message;
  }

  /** How the tool was called. */
  public Profile profile() {
    return profile;
  }

  /** Sends a request and waits; the caller releases the reply. */
  public Reply call(Request request, ByteBuf payload) throws CommandFailure {
    try {
      return connection.call(request, payload);
    } catch (ClientException e) {
      throw lost(e);
    }
  }

  /** A request without payload in either direction. */
  public Response ask(Opcode opcode, RequestBody body) throws CommandFailure {
    return headerOf(call(Request.of(opcode, body), Unpooled.EMPTY_BUFFER));
  }

  /** A request with a payload, which is not consumed; its reply has none. */
  public Response send(Opcode opcode, int flags, RequestBody body, ByteBuf payload)
      throws CommandFailure {
    Request request = Request.of(opcode, flags | RequestFlags.WRITE, payload.readableBytes(), body);
    return headerOf(call(request, payload));
  }

  /**
   * Sends a request and does not wait for its reply, which has no payload.
   *
   * @param payload not consumed; nobody changes it before the reply is here
   * @return what to {@link #await}
   */
  public int submit(Request request, ByteBuf payload) throws CommandFailure {
    try {
      return connection.submit(request, payload);
    } catch (ClientException e) {
      throw lost(e);
    }
  }

  /** Waits for the reply to a request that was submitted. */
  public Response await(int ticket) throws CommandFailure {
    try {
      return headerOf(connection.await(ticket));
    } catch (ClientException e) {
      throw lost(e);
    }
  }

  /** Waits until anything that was submitted is answered; that is what to {@link #await}. */
  public int awaitAny() throws CommandFailure {
    try {
      return connection.awaitAny();
    } catch (ClientException e) {
      throw lost(e);
    }
  }

  /** Another connection to the same daemon. */
  public Remote another() throws CommandFailure {
    return open(endpoint, REPLY_TIMEOUT, profile);
  }

  private static Response headerOf(Reply reply) {
    reply.release();
    return reply.header();
  }

  /** Makes a value of a reply. */
  @FunctionalInterface
  public interface Decoder<T> {
    /** The value; does not keep the reply's payload, which is released afterwards. */
    T decode(Reply reply) throws CommandFailure;
  }

  /**
   * A request whose reply has a payload.
   *
   * @param room most bytes of the reply's payload
   */
  public <T> T fetch(Opcode opcode, RequestBody body, int room, Decoder<T> decoder)
      throws CommandFailure {
    return decode(
        call(Request.of(opcode, RequestFlags.NONE, room, body), Unpooled.EMPTY_BUFFER), decoder);
  }

  /** Takes the reply to the request with that number. */
  @FunctionalInterface
  public interface Taker {
    /** Takes it; does not keep its payload. */
    void take(int number, Reply reply) throws CommandFailure;
  }

  /** Requests that carry no payload, several under way at a time; replies are taken in order. */
  public void fetchAll(List<Request> requests, Taker taker) throws CommandFailure {
    fetchAll(requests, WINDOW, taker);
  }

  /**
   * The same with a bound of one's own.
   *
   * @param window most requests under way, at least 1
   */
  public void fetchAll(List<Request> requests, int window, Taker taker) throws CommandFailure {
    ArrayDeque<Integer> underWay = new ArrayDeque<>();
    int sent = 0;
    for (int number = 0; number < requests.size(); number++) {
      try {
        while (sent < requests.size() && underWay.size() < window) {
          underWay.add(connection.submit(requests.get(sent++), Unpooled.EMPTY_BUFFER));
        }
        take(number, connection.await(underWay.remove()), taker);
      } catch (ClientException e) {
        throw lost(e);
      }
    }
  }

  private void take(int number, Reply reply, Taker taker) throws CommandFailure {
    try {
      taker.take(number, reply);
    } catch (ProtocolException e) {
      throw damaged(e);
    } finally {
      reply.release();
    }
  }

  private <T> T decode(Reply reply, Decoder<T> decoder) throws CommandFailure {
    try {
      return decoder.decode(reply);
    } catch (ProtocolException e) {
      throw damaged(e);
    } finally {
      reply.release();
    }
  }

  CommandFailure damaged(ProtocolException failure) {
    return new CommandFailure(
        profile.systemExit(), "the daemon's answer is damaged: " + failure.getMessage());
  }

  private CommandFailure lost(ClientException failure) {
    return new CommandFailure(profile.systemExit(), String.valueOf(failure.getMessage()));
  }

  /**
   * Gives up unless the result is SUCCESS: "{@code what}: text of the result", or rather why the
   * node serves nothing, if that is it.
   */
  public void require(Response response, String what) throws CommandFailure {
    String reason = response.is(ResultCode.WAIT_FOR_JOIN) ? whyNotServing() : "";
    if (!reason.isEmpty()) {
      throw new CommandFailure(profile.systemExit(), what + ": " + reason);
    }
    if (!response.isSuccess()) {
      throw failure(response, what);
    }
  }

  /** Why the node serves nothing, for the user; empty if it serves, or does not say. */
  public String whyNotServing() throws CommandFailure {
    return fetch(
        Opcode.NODE_STATUS,
        RawBody.EMPTY,
        STATUS_ROOM,
        reply ->
            reply.header().isSuccess() ? reply.payload().toString(StandardCharsets.UTF_8) : "");
  }

  /** The failure for a result: "{@code what}: text". */
  public CommandFailure failure(Response response, String what) {
    return new CommandFailure(1, what + ": " + text(response));
  }

  /** The text of a result in the words of this generation. */
  public String text(Response response) {
    return profile == Profile.COLLIE
        ? ResultCode.collieText(response.result())
        : ResultCode.dogText(response.result());
  }

  @Override
  public void close() {
    connection.close();
  }
}
