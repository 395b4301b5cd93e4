package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommonOptions;
import io.sheepdog.cli.format.Json;
import io.sheepdog.protocol.id.VdiId;
import java.io.PrintStream;

/** What commands that make an image print if asked to. */
final class NewVdi {
  private NewVdi() {}

  /**
   * Prints the vid with -v, as a document with -o json, otherwise nothing.
   *
   * @param kind what was made
   */
  static void report(
      PrintStream out, CommonOptions options, boolean verbose, String kind, VdiId vid) {
    if (options.json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            json.writeStringField("vid", vid.toString());
            json.writeEndObject();
          });
    } else if (verbose) {
      out.println((options.raw() ? "" : "VDI ID of newly created " + kind + ": ") + vid);
    }
  }
}
