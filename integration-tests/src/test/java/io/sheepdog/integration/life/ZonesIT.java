package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheep -z} and {@code sheep -g}: where the files of objects are, at real daemons. */
@Timeout(240)
final class ZonesIT {
  /** Zones of the stores s0, s1, ...; the last node is a gateway. */
  private static final int[] ZONES = {1, 1, 1, 2, 3};

  private static final int GATEWAY = ZONES.length;

  @TempDir private Path directory;
  private Host host;
  private Shell shell;

  @BeforeEach
  void startNodes() {
    host = Host.isolated();
    shell = new Shell(host, List.of(Repository.bin()));
    for (int node = 0; node < ZONES.length; node++) {
      run("sheep -c local -N off -p 700%d -z %d @/s%d".formatted(node, ZONES[node], node)).orFail();
    }
    run("sheep -c local -N off -p 700%d -g @/s%d".formatted(GATEWAY, GATEWAY)).orFail();
  }

  @AfterEach
  void closeHost() {
    host.close();
  }

  private Outcome run(String line) {
    String at = directory.toString();
    return shell.run("export SHEEPDOG_LOCAL_DIR=" + at + "/local; " + line.replace("@", at));
  }

  @Test
  void allCopiesAreInDifferentZonesAndAGatewayHoldsNone() {
    run("collie cluster format --copies=3 -p 700" + GATEWAY).orFail();
    run("collie vdi create Zoned 64M -p 700" + GATEWAY).orFail();
    run("head -c 64M /dev/urandom > @/data; collie vdi write Zoned -p 700%d < @/data"
            .formatted(GATEWAY))
        .orFail();
    run("collie vdi read Zoned -p 700%d | cmp - @/data".formatted(GATEWAY)).orFail();

    Map<String, Set<Integer>> zonesOf = new TreeMap<>();
    Map<String, Integer> copiesOf = new TreeMap<>();
    Set<Integer> used = new TreeSet<>();
    for (int node = 0; node < ZONES.length; node++) {
      for (String object : objects(node)) {
        used.add(node);
        zonesOf.computeIfAbsent(object, o -> new TreeSet<>()).add(ZONES[node]);
        copiesOf.merge(object, 1, Integer::sum);
      }
    }
    assertThat(zonesOf).hasSize(17);
    assertThat(zonesOf.values()).allMatch(zones -> zones.equals(Set.of(1, 2, 3)));
    assertThat(copiesOf.values()).containsOnly(3);
    assertThat(used).as("zone 1 is shared out among its nodes").contains(0, 1, 2, 3, 4);
    assertThat(objects(GATEWAY)).isEmpty();

    List<String[]> rows =
        run("dog node list -r").orFail().stdout().lines().map(row -> row.split(" ")).toList();
    assertThat(rows).hasSize(ZONES.length + 1);
    assertThat(rows.get(GATEWAY)[2]).as("virtual nodes of a gateway").isEqualTo("0");
    for (int node = 0; node < ZONES.length; node++) {
      assertThat(rows.get(node)[2]).isNotEqualTo("0");
      assertThat(rows.get(node)[3]).isEqualTo(Integer.toString(ZONES[node]));
    }
  }

  private List<String> objects(int node) {
    try (Stream<Path> files = Files.list(directory.resolve("s" + node).resolve("obj"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.matches("[0-9a-f]{16}"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
