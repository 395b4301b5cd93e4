package io.sheepdog.cli;

import io.sheepdog.cli.cluster.ClusterFormatCommand;
import io.sheepdog.cli.cluster.ClusterInfoCommand;
import io.sheepdog.cli.cluster.ClusterShutdownCommand;
import io.sheepdog.cli.node.NodeInfoCommand;
import io.sheepdog.cli.node.NodeListCommand;
import io.sheepdog.cli.vdi.VdiCreateCommand;
import io.sheepdog.cli.vdi.VdiDeleteCommand;
import io.sheepdog.cli.vdi.VdiGraphCommand;
import io.sheepdog.cli.vdi.VdiListCommand;
import io.sheepdog.cli.vdi.VdiLockCommand;
import io.sheepdog.cli.vdi.VdiObjectCommand;
import io.sheepdog.cli.vdi.VdiReadCommand;
import io.sheepdog.cli.vdi.VdiReleaseCommand;
import io.sheepdog.cli.vdi.VdiTreeCommand;
import io.sheepdog.cli.vdi.VdiWriteCommand;
import io.sheepdog.cli.vm.VmListCommand;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Every command of the tool. */
final class CommandTable {
  /**
   * A command.
   *
   * @param group first word
   * @param name second word
   * @param description one line
   * @param make makes the object that picocli fills
   */
  record Entry(String group, String name, String description, Supplier<ToolCommand> make) {}

  static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "cluster", "info", "show status and epochs of the cluster", ClusterInfoCommand::new),
          new Entry(
              "cluster", "format", "create an empty store on all nodes", ClusterFormatCommand::new),
          new Entry(
              "cluster",
              "shutdown",
              "stop all daemons of the cluster",
              ClusterShutdownCommand::new),
          new Entry("node", "list", "list the nodes", NodeListCommand::new),
          new Entry("node", "info", "show capacity and use of each node", NodeInfoCommand::new),
          new Entry("vdi", "list", "list the images", VdiListCommand::new),
          new Entry("vdi", "create", "create an image", VdiCreateCommand::new),
          new Entry("vdi", "delete", "delete an image", VdiDeleteCommand::new),
          new Entry(
              "vdi", "object", "show where the objects of an image are", VdiObjectCommand::new),
          new Entry("vdi", "lock", "hold the lock of an image without a VM", VdiLockCommand::new),
          new Entry("vdi", "release", "end the lock of an image", VdiReleaseCommand::new),
          new Entry("vdi", "tree", "show images and snapshots as a tree", VdiTreeCommand::new),
          new Entry(
              "vdi",
              "graph",
              "show images and snapshots in Graphviz' language",
              VdiGraphCommand::new),
          new Entry(
              "vdi",
              "read",
              "write the contents of an image to standard output",
              VdiReadCommand::new),
          new Entry("vdi", "write", "write standard input to an image", VdiWriteCommand::new),
          new Entry(
              "vm", "list", "list the images and whether a VM runs on them", VmListCommand::new));

  private CommandTable() {}

  static @Nullable Entry find(String group, String name) {
    return ENTRIES.stream()
        .filter(e -> e.group.equals(group) && e.name.equals(name))
        .findFirst()
        .orElse(null);
  }

  static boolean hasGroup(String group) {
    return ENTRIES.stream().anyMatch(e -> e.group.equals(group));
  }

  static List<Entry> ofGroup(String group) {
    return ENTRIES.stream().filter(e -> e.group.equals(group)).toList();
  }
}
