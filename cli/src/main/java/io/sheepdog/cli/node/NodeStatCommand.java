package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.SheepStat;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * {@code node stat [-w]}: spec/cli-dog-1.0.md section 3.6, without its exchange of the columns for
 * writes and reads.
 */
public final class NodeStatCommand extends ToolCommand {
  private static final long SECOND_MILLIS = 1000;

  @Option(
      names = {"-w", "--watch"},
      description = "again every second, with rates, until interrupted")
  private boolean watch;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    PrintStream out = invocation.console().out();
    SheepStat stat = ask(remote);
    if (common().json()) {
      Json.print(out, json -> write(json, stat));
      return 0;
    }
    print(out, stat, null);
    SheepStat before = stat;
    while (watch && !out.checkError()) {
      pause();
      SheepStat now = ask(remote);
      print(out, now, before);
      before = now;
    }
    return 0;
  }

  private static SheepStat ask(Remote remote) throws CommandFailure {
    return remote.fetch(
        Opcode.STAT,
        RawBody.EMPTY,
        SheepStat.SIZE,
        reply -> {
          remote.require(reply.header(), "Failed to get statistics");
          return SheepStat.decode(reply.payload());
        });
  }

  private static void pause() throws CommandFailure {
    try {
      Thread.sleep(SECOND_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "interrupted");
    }
  }

  private record Side(
      long active,
      long total,
      long writes,
      long reads,
      long removes,
      long flushes,
      long received,
      long sent) {
    static Side client(SheepStat s) {
      return new Side(
          s.gatewayActive(),
          s.gatewayTotal(),
          s.gatewayWrites(),
          s.gatewayReads(),
          s.gatewayRemoves(),
          s.gatewayFlushes(),
          s.gatewayReceived(),
          s.gatewaySent());
    }

    static Side peer(SheepStat s) {
      return new Side(
          s.peerActive(),
          s.peerTotal(),
          s.peerWrites(),
          s.peerReads(),
          s.peerRemoves(),
          0,
          s.peerReceived(),
          s.peerSent());
    }
  }

  private void print(PrintStream out, SheepStat now, @Nullable SheepStat before) {
    if (!common().raw()) {
      out.println(
          "Request\tActive\tTotal\tWrite\tRead\tRemove\tFlush\tAll WR\tAll RD"
              + (watch ? "\tWRBW\tRDBW\tRPS" : ""));
    }
    row(out, "Client", Side.client(now), before == null ? null : Side.client(before));
    row(out, "Peer", Side.peer(now), before == null ? null : Side.peer(before));
    out.flush();
  }

  private void row(PrintStream out, String label, Side now, @Nullable Side before) {
    StringBuilder row = new StringBuilder(common().raw() ? "" : label + "\t");
    row.append(now.active).append('\t').append(now.total).append('\t').append(now.writes);
    row.append('\t').append(now.reads).append('\t').append(now.removes);
    row.append('\t').append(now.flushes);
    row.append('\t').append(size(now.received)).append('\t').append(size(now.sent));
    if (watch) {
      Side earlier = before == null ? now : before;
      row.append('\t').append(size(now.received - earlier.received));
      row.append('\t').append(size(now.sent - earlier.sent));
      row.append('\t').append(now.total - earlier.total);
    }
    out.println(row);
  }

  private String size(long bytes) {
    return common().raw() ? Long.toString(bytes) : Sizes.human(bytes);
  }

  private static void write(JsonGenerator json, SheepStat stat) throws IOException {
    json.writeStartObject();
    side(json, "client", Side.client(stat));
    side(json, "peer", Side.peer(stat));
    json.writeEndObject();
  }

  private static void side(JsonGenerator json, String name, Side side) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("active", side.active);
    json.writeNumberField("total", side.total);
    json.writeNumberField("writes", side.writes);
    json.writeNumberField("reads", side.reads);
    json.writeNumberField("removes", side.removes);
    json.writeNumberField("flushes", side.flushes);
    json.writeNumberField("bytes_received", side.received);
    json.writeNumberField("bytes_sent", side.sent);
    json.writeEndObject();
  }
}
