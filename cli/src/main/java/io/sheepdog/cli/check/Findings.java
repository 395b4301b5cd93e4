package io.sheepdog.cli.check;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.Console;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.Home;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What was found of the objects of one image: printed as it is found, in the words of version 1.0
 * (spec/cli-dog-1.0.md section 2.12), or kept for a JSON document. What is not as it should be in
 * the end goes to standard error.
 */
final class Findings {
  private final Console console;
  private final boolean isJson;
  private final List<Problem> problems = new ArrayList<>();
  private long objects;
  private boolean isWhole = true;

  private record Problem(ObjectId oid, ObjectComparison found) {}

  Findings(Console console, boolean isJson) {
    this.console = console;
    this.isJson = isJson;
  }

  /** Whether everything has all its copies, all the same. */
  boolean isWhole() {
    return isWhole;
  }

  /** Takes what was found of an object. */
  void add(ObjectId oid, ObjectComparison found) {
    objects++;
    isWhole &= found.outcome() == Outcome.SAME || found.outcome() == Outcome.REPAIRED;
    if (found.outcome() == Outcome.SAME) {
      return;
    }
    if (isJson) {
      problems.add(new Problem(oid, found));
    } else {
      print(oid, found);
    }
  }

  private void print(ObjectId oid, ObjectComparison found) {
    switch (found.outcome()) {
      case SAME -> {}
      case REPAIRED ->
          console.out().println((found.blocks() == 0 ? "fixed missing " : "fixed replica ") + oid);
      case UNKNOWN ->
          console
              .err()
              .println(
                  "cannot tell about "
                      + oid
                      + ": it is being written to all the time, recovery goes on, or a node does"
                      + " not answer"
                      + nodes(found, State.UNKNOWN)
                      + "; check again later");
      case DIFFERENT -> printDifferent(oid, found);
    }
  }

  private void printDifferent(ObjectId oid, ObjectComparison found) {
    boolean isLost =
        !found.homes().isEmpty()
            && found.homes().stream().allMatch(home -> home.state() == State.MISSING);
    if (isLost) {
      console.err().println("no node has " + oid);
      return;
    }
    String differing = nodes(found, State.DIFFERENT);
    if (!differing.isEmpty()) {
      console
          .err()
          .println("copies of " + oid + " differ in " + found.blocks() + " blocks" + differing);
    }
    String missing = nodes(found, State.MISSING);
    if (!missing.isEmpty()) {
      console.err().println("copies of " + oid + " are missing" + missing);
    }
  }

  /** " (ADDRESS, ...)", empty when there are none. */
  private static String nodes(ObjectComparison found, State state) {
    String nodes =
        found.homes().stream()
            .filter(home -> home.state() == state)
            .map(Home::address)
            .map(NodeAddress::toString)
            .collect(Collectors.joining(", "));
    return nodes.isEmpty() ? "" : " (" + nodes + ")";
  }

  /** Number of objects, and those that were not whole, as fields of an object that is open. */
  void write(JsonGenerator json) throws IOException {
    json.writeNumberField("objects", objects);
    json.writeBooleanField("whole", isWhole);
    json.writeArrayFieldStart("findings");
    for (Problem problem : problems) {
      json.writeStartObject();
      json.writeStringField("object_id", problem.oid().toString());
      json.writeStringField("outcome", lower(problem.found().outcome()));
      json.writeNumberField("blocks", problem.found().blocks());
      json.writeArrayFieldStart("nodes");
      for (Home home : problem.found().homes()) {
        json.writeStartObject();
        json.writeStringField("host", home.address().host());
        json.writeNumberField("port", home.address().port());
        json.writeStringField("copy", lower(home.state()));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
