package io.sheepdog.cli.cluster;

import io.sheepdog.cli.remote.Nodes;
import java.io.PrintStream;

/** Each zone holds one copy of an object: with fewer zones than copies some copies do not exist. */
public final class ZoneWarning {
  private ZoneWarning() {}

  /** Prints a line if more copies are wanted than there are zones. */
  public static void print(PrintStream err, int copies, Nodes nodes) {
    int zones = nodes.zones();
    if (copies > zones) {
      err.println(
          "warning: "
              + copies
              + " copies are wanted, but there "
              + (zones == 1 ? "is only 1 zone" : "are only " + zones + " zones")
              + " (hosts, unless sheep -z says otherwise); as many copies are kept until more join");
    }
  }
}
