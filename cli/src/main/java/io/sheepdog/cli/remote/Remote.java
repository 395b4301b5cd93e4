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
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import io.sheepdog.protocol.message.Response;
import java.time.Duration;
import java.util.function.Function;

/** One daemon, asked one thing after another. */
public final class Remote implements AutoCloseable {
  /**
   * Recovery may hold an answer back for long; a daemon that is gone is noticed by its connection.
   */
  private static final Duration REPLY_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final ToolConnection connection;
  private final Profile profile;

  private Remote(ToolConnection connection, Profile profile) {
    this.connection = connection;
    this.profile = profile;
  }

  /** Connects. */
  public static Remote open(String host, int port, Profile profile) throws CommandFailure {
    try {
      ToolOptions options = ToolOptions.DEFAULTS.withTimeouts(CONNECT_TIMEOUT, REPLY_TIMEOUT);
      return new Remote(ToolConnection.open(Endpoint.tcp(host, port), options), profile);
    } catch (ClientException e) {
      throw new CommandFailure(profile.systemExit(), String.valueOf(e.getMessage()));
    }
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
      throw new CommandFailure(profile.systemExit(), String.valueOf(e.getMessage()));
    }
  }

  /** A request without payload in either direction. */
  public Response ask(Opcode opcode, RequestBody body) throws CommandFailure {
    return send(Request.of(opcode, body), Unpooled.EMPTY_BUFFER);
  }

  /** A request with a payload, whose reply has none. */
  public Response send(Opcode opcode, int flags, RequestBody body, ByteBuf payload)
      throws CommandFailure {
    return send(
        Request.of(opcode, flags | RequestFlags.WRITE, payload.readableBytes(), body), payload);
  }

  private Response send(Request request, ByteBuf payload) throws CommandFailure {
    Reply reply = call(request, payload);
    reply.release();
    return reply.header();
  }

  /**
   * A request whose reply has a payload.
   *
   * @param room most bytes of the reply's payload
   * @param decode makes a value of header and payload; the payload is released afterwards
   */
  public <T> T fetch(Opcode opcode, RequestBody body, int room, Function<Reply, T> decode)
      throws CommandFailure {
    Reply reply = call(Request.of(opcode, RequestFlags.NONE, room, body), Unpooled.EMPTY_BUFFER);
    try {
      return decode.apply(reply);
    } catch (ProtocolException e) {
      throw new CommandFailure(
          profile.systemExit(),
          "the daemon's answer to " + opcode + " is damaged: " + String.valueOf(e.getMessage()));
    } finally {
      reply.release();
    }
  }

  /** Gives up unless the result is SUCCESS: "{@code what}: text of the result". */
  public void require(Response response, String what) throws CommandFailure {
    if (!response.isSuccess()) {
      throw failure(response, what);
    }
  }

  /** The failure for a result: "{@code what}: text". */
  public CommandFailure failure(Response response, String what) {
    return new CommandFailure(1, what + ": " + text(response));
  }

  /** The text of a result in the words of this generation. */
  public String text(Response response) {
    ResultCode code = response.resultCode();
    return code == null
        ? String.format("Invalid error code %x", response.result())
        : profile.text(code);
  }

  @Override
  public void close() {
    connection.close();
  }
}
