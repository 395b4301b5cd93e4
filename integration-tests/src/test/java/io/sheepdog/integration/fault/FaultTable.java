package io.sheepdog.integration.fault;

import io.sheepdog.integration.cluster.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rows that {@code script/faults} puts together, a file each in {@code
 * integration-tests/target/faults}.
 */
public final class FaultTable {
  private FaultTable() {}

  /**
   * Notes a fault from which the cluster has recovered, after all that was acknowledged has been
   * read back.
   *
   * @param cluster nodes and driver
   * @param stall the longest write of the client, from the fault on
   * @param writes how many writes were acknowledged, all of which were read back
   * @param whole from the fault until every object had all its copies again; null if it always had
   */
  public static void add(
      String cluster, String fault, Duration stall, int writes, @Nullable Duration whole) {
    String row =
        "| %s | %s | %s | 0 of %d | %s |%n"
            .formatted(
                fault, cluster, seconds(stall), writes, whole == null ? "-" : seconds(whole));
    System.out.print("fault table: " + row);
    Path directory = Repository.root().resolve("integration-tests/target/faults");
    String name = (cluster + " " + fault).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    try {
      Files.writeString(Files.createDirectories(directory).resolve(name + ".row"), row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
  }
}
