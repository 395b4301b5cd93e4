package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.placement.Ring;
import io.sheepdog.protocol.placement.RingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files in the stores of a cluster, compared with where they belong. */
final class Stores {
  private static final int HEX = 16;

  private final LocalCluster cluster;
  private final int copies;

  Stores(LocalCluster cluster, int copies) {
    this.cluster = cluster;
    this.copies = copies;
  }

  /** Names of the objects in the stores of those nodes. */
  Set<String> objects(List<Integer> nodes) {
    Set<String> names = new TreeSet<>();
    nodes.forEach(node -> names.addAll(names(objects(node))));
    return names;
  }

  /** Names of the copies that a node has set aside. */
  Set<String> setAside(int node) {
    return names(objects(node).resolve(".stale"));
  }

  /**
   * Each of these objects is on all its homes, and on no other node, with the same bytes.
   *
   * @param living the nodes that are there
   */
  void assertPlaced(Set<String> names, List<Integer> living) throws IOException {
    Ring ring = ring();
    for (String name : names) {
      List<Integer> homes = homes(ring, name);
      assertThat(homes).hasSize(copies);
      List<Integer> holders =
          living.stream().filter(node -> Files.exists(file(node, name))).toList();
      assertThat(holders).as("holders of " + name).containsExactlyInAnyOrderElementsOf(homes);
      for (int home : homes.subList(1, homes.size())) {
        assertThat(Files.mismatch(file(homes.get(0), name), file(home, name)))
            .as("first byte of " + name + " that differs on nodes " + homes.get(0) + ", " + home)
            .isEqualTo(-1);
      }
    }
  }

  /** The nodes that hold an object, its first home first. */
  List<Integer> homes(String name) {
    return homes(ring(), name);
  }

  private List<Integer> homes(Ring ring, String name) {
    List<Integer> homes = new ArrayList<>();
    ObjectId oid = new ObjectId(Long.parseUnsignedLong(name, HEX));
    for (NodeAddress address : ring.targets(oid, copies)) {
      homes.add(address.port() - LocalCluster.FIRST_PORT);
    }
    return homes;
  }

  /** As {@code node list} describes it: number, host:port, vnodes, zone. */
  private Ring ring() {
    return Ring.of(
        cluster.shell().run("dog node list -r").orFail().lines().stream()
            .map(line -> line.split(" "))
            .map(
                fields ->
                    new RingNode(
                        NodeAddress.parse(fields[1]),
                        Integer.parseInt(fields[2]),
                        Integer.parseUnsignedInt(fields[3])))
            .collect(Collectors.toList()));
  }

  private Path objects(int node) {
    return cluster.files(node).resolve("obj");
  }

  /** File of an object in the store of a node. */
  Path file(int node, String name) {
    return objects(node).resolve(name);
  }

  private static Set<String> names(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(".stale"))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
