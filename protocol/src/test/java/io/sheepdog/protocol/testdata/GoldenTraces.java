package io.sheepdog.protocol.testdata;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The recorded conversations between QEMU 5.2, dog and the reference daemon; see {@code
 * golden/README.md}.
 */
public final class GoldenTraces {
  private static final String SUFFIX = ".jsonl";

  private static final String COMMANDS = "commands.txt";
  private static final Pattern COMMAND = Pattern.compile("== ([^:]+): .*");

  private final Map<String, List<TraceEvent>> traces;
  private final List<String> recordedOrder;

  private GoldenTraces(Map<String, List<TraceEvent>> traces, List<String> recordedOrder) {
    this.traces = traces;
    this.recordedOrder = recordedOrder;
  }

  /** Reads all recordings. */
  public static GoldenTraces load() {
    Map<String, List<TraceEvent>> traces = new TreeMap<>();
    List<String> order = List.of();
    try (InputStream in =
            Objects.requireNonNull(GoldenTraces.class.getResourceAsStream("/golden/traces.zip"));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          traces.put(name, events(name, new String(zip.readAllBytes(), StandardCharsets.UTF_8)));
        } else if (entry.getName().equals(COMMANDS)) {
          order = order(new String(zip.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new GoldenTraces(traces, order);
  }

  private static List<TraceEvent> events(String name, String lines) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      events.add(TraceEvent.of(name, JsonTree.parse(line)));
    }
    return List.copyOf(events);
  }

  private static List<String> order(String commands) {
    return commands
        .lines()
        .map(COMMAND::matcher)
        .filter(Matcher::matches)
        .map(line -> line.group(1))
        .toList();
  }

  /** Names of the recorded commands in the order they were run; a few left no recording. */
  public List<String> recordedOrder() {
    return recordedOrder;
  }

  /** Names of the recordings in alphabetical order, for example {@code 1node-qemu-create}. */
  public List<String> names() {
    return List.copyOf(traces.keySet());
  }

  /** The lines of one recording in order. */
  public List<TraceEvent> events(String name) {
    List<TraceEvent> events = traces.get(name);
    if (events == null) {
      throw new AssertionError("No recording '" + name + "'");
    }
    return Collections.unmodifiableList(events);
  }

  /** Every request and response of all recordings. */
  public Stream<TraceEvent> messages() {
    return traces.values().stream().flatMap(List::stream).filter(TraceEvent::isMessage);
  }

  /** Every request of all recordings. */
  public Stream<TraceEvent> requests() {
    return messages().filter(event -> event.kind() == TraceEvent.Kind.REQUEST);
  }

  /** Every response of all recordings. */
  public Stream<TraceEvent> responses() {
    return messages().filter(event -> event.kind() == TraceEvent.Kind.RESPONSE);
  }
}
