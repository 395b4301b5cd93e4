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
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The recorded conversations between QEMU 5.2, dog and the reference daemon; see {@code
 * golden/README.md}.
 */
public final class GoldenTraces {
  private static final String SUFFIX = ".jsonl";

  private final Map<String, List<TraceEvent>> traces;

  private GoldenTraces(Map<String, List<TraceEvent>> traces) {
    this.traces = traces;
  }

  /** Reads all recordings. */
  public static GoldenTraces load() {
    Map<String, List<TraceEvent>> traces = new TreeMap<>();
    try (InputStream in =
            Objects.requireNonNull(GoldenTraces.class.getResourceAsStream("/golden/traces.zip"));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          traces.put(name, events(name, new String(zip.readAllBytes(), StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new GoldenTraces(traces);
  }

  private static List<TraceEvent> events(String name, String lines) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      events.add(TraceEvent.of(name, JsonTree.parse(line)));
    }
    return List.copyOf(events);
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
