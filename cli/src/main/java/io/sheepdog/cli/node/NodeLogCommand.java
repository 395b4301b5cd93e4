package io.sheepdog.cli.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Response;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/**
 * {@code node log level get|set LEVEL|list}: spec/cli-dog-1.0.md section 3.7. What dog writes to
 * standard error although it is the result goes to standard output.
 */
public final class NodeLogCommand extends ToolCommand {
  private static final List<String> LEVELS =
      List.of("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug");

  /** Upstream returns -1 there, and scripts see it. */
  private static final int DOG_FAILURE = 255;

  @Parameters(arity = "2..3", paramLabel = "level")
  private List<String> words = new ArrayList<>();

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    String verb = words.get(1);
    boolean known =
        words.get(0).equals("level")
            && (words.size() == 3 ? verb.equals("set") : List.of("get", "list").contains(verb));
    if (!known) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid arguments '"
              + String.join(" ", words)
              + "': level get, level set LEVEL or level list is expected");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    PrintStream out = invocation.console().out();
    switch (words.get(1)) {
      case "set" -> set(invocation, remote, words.get(2));
      case "get" -> get(out, remote);
      default -> LEVELS.forEach(name -> out.println(name + "\t(" + LEVELS.indexOf(name) + ")"));
    }
    return 0;
  }

  private static void set(Invocation invocation, Remote remote, String name) throws CommandFailure {
    int failure = invocation.profile() == Profile.DOG ? DOG_FAILURE : 1;
    int level = LEVELS.indexOf(name);
    if (level < 0) {
      throw new CommandFailure(
          failure, "Invalid log level '" + name + "': one of " + String.join(", ", LEVELS));
    }
    ByteBuf payload = Unpooled.buffer(Integer.BYTES).writeIntLE(level);
    Response response = remote.send(Opcode.SET_LOGLEVEL, RequestFlags.NONE, RawBody.EMPTY, payload);
    if (!response.isSuccess()) {
      throw new CommandFailure(failure, "Failed to set the log level: " + remote.text(response));
    }
  }

  private void get(PrintStream out, Remote remote) throws CommandFailure {
    int level =
        remote.fetch(
            Opcode.GET_LOGLEVEL,
            RawBody.EMPTY,
            Integer.BYTES,
            reply -> {
              remote.require(reply.header(), "Failed to get the log level");
              if (reply.payload().readableBytes() < Integer.BYTES) {
                throw new ProtocolException("no log level came");
              }
              return reply.payload().readIntLE();
            });
    String name = level >= 0 && level < LEVELS.size() ? LEVELS.get(level) : "unknown";
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            json.writeStringField("level", name);
            json.writeNumberField("number", level);
            json.writeEndObject();
          });
    } else {
      out.println(name + " (" + level + ")");
    }
  }
}
