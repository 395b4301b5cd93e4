package io.sheepdog.cli.node;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.RecoveryStatePayload;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What each node says of its recovery. */
final class RecoverySurvey {
  private static final int INDEX_WIDTH = 4;
  private static final int ADDRESS_WIDTH = 20;
  private static final int VNODES_WIDTH = 5;
  private static final int ZONE_WIDTH = 11;
  private static final int PERCENT_WIDTH = 11;
  private static final int PER_MILLE = 1000;
  private static final int TENTHS = 10;

  private final List<Row> recovering = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  private record Row(int id, NodeEntry node, RecoveryStatePayload state) {
    /** Version 1.0 has no brackets around IPv6 addresses. */
    String address() {
      return node.address().host() + ":" + node.address().port();
    }
  }

  private RecoverySurvey() {}

  /** Asks all nodes; fails when none answers. */
  static RecoverySurvey of(Remote remote) throws CommandFailure {
    RecoverySurvey survey = new RecoverySurvey();
    List<NodeEntry> nodes = Nodes.of(remote).entries();
    for (int i = 0; i < nodes.size(); i++) {
      survey.ask(i, nodes.get(i), remote.profile());
    }
    if (survey.complaints.size() == nodes.size()) {
      throw new CommandFailure(
          remote.profile().systemExit(),
          "Cannot get recovery state from any nodes: " + String.join("; ", survey.complaints));
    }
    return survey;
  }

  private void ask(int id, NodeEntry node, Profile profile) {
    try (Remote peer = Remote.openForStatus(node.address(), profile)) {
      RecoveryStatePayload state = ask(peer);
      if (state.inRecovery()) {
        recovering.add(new Row(id, node, state));
      }
    } catch (CommandFailure e) {
      complaints.add(node.address() + ": " + e.getMessage());
    }
  }

  /** What a node says of itself. */
  static RecoveryStatePayload ask(Remote node) throws CommandFailure {
    return node.fetch(
        Opcode.STAT_RECOVERY,
        RawBody.EMPTY,
        RecoveryStatePayload.SIZE,
        reply -> {
          node.require(reply.header(), "Failed to get the state of recovery");
          return RecoveryStatePayload.decode(reply.payload());
        });
  }

  /** How many of the objects known so far are where they belong, in percent, truncated. */
  static String percent(RecoveryStatePayload state) {
    long perMille = state.total() == 0 ? 0 : PER_MILLE * state.finished() / state.total();
    return perMille / TENTHS + "." + perMille % TENTHS;
  }

  /** Whether a node did not answer. */
  boolean isIncomplete() {
    return !complaints.isEmpty();
  }

  void print(Console console, boolean raw, boolean json) throws CommandFailure {
    PrintStream out = console.out();
    if (json) {
      Json.print(out, this::write);
    } else if (raw) {
      recovering.forEach(row -> out.println(raw(row)));
    } else {
      out.println("Nodes In Recovery:");
      out.println("  Id   Host:Port         V-Nodes       Zone       Progress");
      recovering.forEach(row -> out.println(line(row)));
    }
    recovering.stream()
        .filter(row -> row.state.heldBack())
        .forEach(row -> console.err().println(reason(row)));
    complaints.forEach(console.err()::println);
  }

  private static String reason(Row row) {
    return row.address()
        + " holds back: its disk is too full to bring more objects there; delete images, or add"
        + " nodes or a larger disk";
  }

  private static String line(Row row) {
    return Words.right(row.id, INDEX_WIDTH)
        + "   "
        + Words.left(row.address(), ADDRESS_WIDTH)
        + Words.right(row.node.vnodes(), VNODES_WIDTH)
        + Words.right(row.node.zoneUnsigned(), ZONE_WIDTH)
        + Words.right(percent(row.state), PERCENT_WIDTH)
        + "%";
  }

  private static String raw(Row row) {
    return row.id
        + " "
        + row.address()
        + " "
        + row.node.vnodes()
        + " "
        + row.node.zoneUnsigned()
        + " "
        + row.state.finished()
        + " "
        + row.state.total();
  }

  private void write(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (Row row : recovering) {
      json.writeStartObject();
      json.writeStringField("host", row.node.address().host());
      json.writeNumberField("port", row.node.address().port());
      json.writeStringField("phase", row.state.phase().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("finished", row.state.finished());
      json.writeNumberField("remaining", row.state.total() - row.state.finished());
      json.writeNumberField("total", row.state.total());
      json.writeBooleanField("held_back", row.state.heldBack());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
