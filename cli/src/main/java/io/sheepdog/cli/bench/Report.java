package io.sheepdog.cli.bench;

import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import java.io.PrintStream;
import java.util.List;

/** Prints figures. */
final class Report {
  private static final double MIB = 1 << 20;
  private static final double MEDIAN = 50;
  private static final double P99 = 99;
  private static final double P999 = 99.9;
  private static final double ALL = 100;
  private static final int NAME = 10;
  private static final int WIDTH = 9;

  private Report() {}

  static void heading(PrintStream out) {
    out.println(
        Words.left("workload", NAME)
            + row(
                "KiB",
                "depth",
                "requests",
                "MiB/s",
                "per s",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "max us"));
  }

  private static String row(String... fields) {
    StringBuilder row = new StringBuilder();
    for (String field : fields) {
      row.append(Words.right(field, WIDTH));
    }
    return row.toString();
  }

  static void line(PrintStream out, Figures figures) {
    out.println(
        Words.left(figures.load().kind().word(), NAME)
            + row(
                tenth(figures.load().block() / 1024.0).replace(".0", ""),
                Integer.toString(figures.depth()),
                Long.toString(figures.requests()),
                tenth(figures.bytesPerSecond() / MIB),
                Long.toString(Math.round(figures.perSecond())),
                Long.toString(figures.percentile(MEDIAN)),
                Long.toString(figures.percentile(P99)),
                Long.toString(figures.percentile(P999)),
                Long.toString(figures.percentile(ALL))));
    out.flush();
  }

  private static String tenth(double value) {
    return Double.toString(Math.round(value * 10) / 10.0);
  }

  /** For scripts: bytes and microseconds, in the order of the table. */
  static void raw(PrintStream out, Figures figures) {
    out.println(
        String.join(
            " ",
            List.of(
                figures.load().kind().word(),
                Integer.toString(figures.load().block()),
                Integer.toString(figures.depth()),
                Long.toString(figures.requests()),
                Long.toString(Math.round(figures.bytesPerSecond())),
                Long.toString(Math.round(figures.perSecond())),
                Long.toString(figures.percentile(MEDIAN)),
                Long.toString(figures.percentile(P99)),
                Long.toString(figures.percentile(P999)),
                Long.toString(figures.percentile(ALL)))));
    out.flush();
  }

  static void json(PrintStream out, List<Figures> all) {
    Json.print(
        out,
        json -> {
          json.writeStartArray();
          for (Figures figures : all) {
            json.writeStartObject();
            json.writeStringField("workload", figures.load().kind().word());
            json.writeNumberField("block_size", figures.load().block());
            json.writeNumberField("depth", figures.depth());
            json.writeNumberField("requests", figures.requests());
            json.writeNumberField("seconds", figures.seconds());
            json.writeNumberField("bytes_per_second", Math.round(figures.bytesPerSecond()));
            json.writeNumberField("requests_per_second", figures.perSecond());
            json.writeObjectFieldStart("latency_us");
            json.writeNumberField("p50", figures.percentile(MEDIAN));
            json.writeNumberField("p99", figures.percentile(P99));
            json.writeNumberField("p99_9", figures.percentile(P999));
            json.writeNumberField("max", figures.percentile(ALL));
            json.writeEndObject();
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }
}
