package io.sheepdog.cli;

import io.sheepdog.cli.archive.ClusterSnapshotCommand;
import io.sheepdog.cli.attach.VdiAttachCommand;
import io.sheepdog.cli.attribute.VdiGetattrCommand;
import io.sheepdog.cli.attribute.VdiSetattrCommand;
import io.sheepdog.cli.bench.BenchmarkIoCommand;
import io.sheepdog.cli.check.ClusterCheckCommand;
import io.sheepdog.cli.check.VdiCheckCommand;
import io.sheepdog.cli.cluster.ClusterAlterCopyCommand;
import io.sheepdog.cli.cluster.ClusterFormatCommand;
import io.sheepdog.cli.cluster.ClusterInfoCommand;
import io.sheepdog.cli.cluster.ClusterRecoverCommand;
import io.sheepdog.cli.cluster.ClusterReweightCommand;
import io.sheepdog.cli.cluster.ClusterShutdownCommand;
import io.sheepdog.cli.copy.VdiBackupCommand;
import io.sheepdog.cli.copy.VdiExportCommand;
import io.sheepdog.cli.copy.VdiImportCommand;
import io.sheepdog.cli.copy.VdiRestoreCommand;
import io.sheepdog.cli.corosync.CorosyncCheckCommand;
import io.sheepdog.cli.corosync.CorosyncGenerateCommand;
import io.sheepdog.cli.corosync.CorosyncUpgradeCommand;
import io.sheepdog.cli.node.NodeInfoCommand;
import io.sheepdog.cli.node.NodeKillCommand;
import io.sheepdog.cli.node.NodeListCommand;
import io.sheepdog.cli.node.NodeLogCommand;
import io.sheepdog.cli.node.NodeMdCommand;
import io.sheepdog.cli.node.NodeRecoveryCommand;
import io.sheepdog.cli.node.NodeStatCommand;
import io.sheepdog.cli.node.NodeVnodesCommand;
import io.sheepdog.cli.space.VdiDfCommand;
import io.sheepdog.cli.vdi.VdiAlterCopyCommand;
import io.sheepdog.cli.vdi.VdiCloneCommand;
import io.sheepdog.cli.vdi.VdiCreateCommand;
import io.sheepdog.cli.vdi.VdiDeleteCommand;
import io.sheepdog.cli.vdi.VdiGraphCommand;
import io.sheepdog.cli.vdi.VdiListCommand;
import io.sheepdog.cli.vdi.VdiLockCommand;
import io.sheepdog.cli.vdi.VdiObjectCommand;
import io.sheepdog.cli.vdi.VdiReadCommand;
import io.sheepdog.cli.vdi.VdiReleaseCommand;
import io.sheepdog.cli.vdi.VdiResizeCommand;
import io.sheepdog.cli.vdi.VdiRollbackCommand;
import io.sheepdog.cli.vdi.VdiSnapshotCommand;
import io.sheepdog.cli.vdi.VdiTrackCommand;
import io.sheepdog.cli.vdi.VdiTreeCommand;
import io.sheepdog.cli.vdi.VdiWriteCommand;
import io.sheepdog.cli.vm.VmListCommand;
import java.util.ArrayList;
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
   * @param arguments what follows the options
   * @param description one line
   * @param words third words that it knows
   * @param make makes the object that picocli fills
   */
  record Entry(
      String group,
      String name,
      String arguments,
      String description,
      List<Word> words,
      Supplier<Subcommand> make) {}

  /**
   * A third word of a command.
   *
   * @param name the word
   * @param description one line
   */
  record Word(String name, String description) {}

  static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "cluster",
              "info",
              "",
              "show the cluster's status and epochs",
              List.of(),
              ClusterInfoCommand::new),
          new Entry(
              "cluster",
              "format",
              "",
              "create an empty store on all nodes",
              List.of(),
              ClusterFormatCommand::new),
          new Entry(
              "cluster",
              "shutdown",
              "",
              "stop all daemons of the cluster",
              List.of(),
              ClusterShutdownCommand::new),
          new Entry(
              "cluster",
              "alter-copy",
              "",
              "change the number of copies of new images",
              List.of(),
              ClusterAlterCopyCommand::new),
          new Entry(
              "cluster",
              "reweight",
              "",
              "spread objects anew, by how large the nodes' disks are now",
              List.of(),
              ClusterReweightCommand::new),
          new Entry(
              "cluster",
              "recover",
              "",
              "switch the recovery of objects on or off, or go on without missing nodes",
              List.of(
                  new Word("enable", "bring objects to their new nodes when nodes come or go"),
                  new Word("disable", "wait with that until it is enabled again"),
                  new Word("force", "go on without nodes that the cluster waits for")),
              ClusterRecoverCommand::new),
          new Entry(
              "cluster",
              "check",
              "",
              "check all images and snapshots as 'vdi check' does",
              List.of(),
              ClusterCheckCommand::new),
          new Entry(
              "cluster",
              "snapshot",
              "",
              "save snapshots of images to a directory, and make the cluster again of them",
              List.of(
                  new Word(
                      "save", "TAG DIRECTORY [VDI]...: save all snapshots, or those of some VDIs"),
                  new Word("list", "DIRECTORY: show what was saved"),
                  new Word("show", "TAG|INDEX DIRECTORY [VDI]...: show which snapshots of VDIs"),
                  new Word(
                      "load", "TAG|INDEX DIRECTORY [VDI]...: format the cluster and restore them")),
              ClusterSnapshotCommand::new),
          new Entry("node", "list", "", "list the nodes", List.of(), NodeListCommand::new),
          new Entry(
              "node",
              "info",
              "",
              "show capacity and use of each node",
              List.of(),
              NodeInfoCommand::new),
          new Entry(
              "node",
              "recovery",
              "",
              "show which nodes bring objects to themselves, and how far they are",
              List.of(
                  new Word("info", "the same"),
                  new Word("set-throttle", "MAX INTERVAL: at most MAX objects per INTERVAL ms"),
                  new Word("get-throttle", "show those numbers")),
              NodeRecoveryCommand::new),
          new Entry(
              "node",
              "stat",
              "",
              "show what requests a node has had",
              List.of(),
              NodeStatCommand::new),
          new Entry(
              "node",
              "md",
              "",
              "show the directory of a node's objects",
              List.of(new Word("info", "size, use and path")),
              NodeMdCommand::new),
          new Entry(
              "node",
              "log",
              "",
              "show or change how much a node logs",
              List.of(new Word("level", "get; set LEVEL; list")),
              NodeLogCommand::new),
          new Entry(
              "node",
              "vnodes",
              "",
              "change a node's share of the objects in a cluster with fixed vnodes",
              List.of(new Word("set", "N: 1 to 65535 virtual nodes")),
              NodeVnodesCommand::new),
          new Entry("node", "kill", "[ID]", "stop a node", List.of(), NodeKillCommand::new),
          new Entry("vdi", "list", "[NAME]", "list the images", List.of(), VdiListCommand::new),
          new Entry(
              "vdi", "create", "NAME SIZE", "create an image", List.of(), VdiCreateCommand::new),
          new Entry(
              "vdi",
              "snapshot",
              "NAME",
              "take a snapshot of an image",
              List.of(),
              VdiSnapshotCommand::new),
          new Entry(
              "vdi",
              "clone",
              "SRC DST",
              "create an image from a snapshot",
              List.of(),
              VdiCloneCommand::new),
          new Entry(
              "vdi",
              "rollback",
              "NAME",
              "make an image what it was in a snapshot",
              List.of(),
              VdiRollbackCommand::new),
          new Entry(
              "vdi",
              "setattr",
              "NAME KEY [VALUE]",
              "set or delete an attribute of an image",
              List.of(),
              VdiSetattrCommand::new),
          new Entry(
              "vdi",
              "getattr",
              "NAME KEY",
              "print an attribute of an image",
              List.of(),
              VdiGetattrCommand::new),
          new Entry(
              "vdi",
              "attach",
              "NAME",
              "print how QEMU, libvirt and others use an image by NBD",
              List.of(),
              VdiAttachCommand::new),
          new Entry(
              "vdi",
              "resize",
              "NAME SIZE",
              "make an image larger",
              List.of(),
              VdiResizeCommand::new),
          new Entry(
              "vdi",
              "alter-copy",
              "NAME",
              "change the number of copies of an image",
              List.of(),
              VdiAlterCopyCommand::new),
          new Entry(
              "vdi",
              "check",
              "NAME",
              "compare the copies of an image's objects, and repair them",
              List.of(),
              VdiCheckCommand::new),
          new Entry(
              "vdi",
              "delete",
              "NAME",
              "delete an image or a snapshot",
              List.of(),
              VdiDeleteCommand::new),
          new Entry(
              "vdi",
              "object",
              "NAME",
              "show where the objects of an image are",
              List.of(
                  new Word("location", "show which nodes have an object"),
                  new Word("map", "show who owns the data objects of an image"),
                  new Word("dump-inode", "show what is in an inode object of a store, a FILE")),
              VdiObjectCommand::new),
          new Entry(
              "vdi",
              "track",
              "NAME",
              "show where an object was in each epoch",
              List.of(),
              VdiTrackCommand::new),
          new Entry(
              "vdi",
              "df",
              "",
              "show who uses how much, and what a deletion would free",
              List.of(),
              VdiDfCommand::new),
          new Entry(
              "vdi",
              "lock",
              "NAME",
              "hold the lock of an image without a VM",
              List.of(
                  new Word("list", "list the locks"),
                  new Word("unlock", "end the lock of an image"),
                  new Word("break", "the same, and say who is shut out")),
              VdiLockCommand::new),
          new Entry(
              "vdi",
              "release",
              "NAME",
              "end the lock of an image",
              List.of(),
              VdiReleaseCommand::new),
          new Entry(
              "vdi",
              "tree",
              "",
              "show images and snapshots as a tree",
              List.of(),
              VdiTreeCommand::new),
          new Entry(
              "vdi",
              "graph",
              "",
              "show images and snapshots in Graphviz' language",
              List.of(),
              VdiGraphCommand::new),
          new Entry(
              "vdi",
              "read",
              "NAME [OFFSET [LEN]]",
              "write the contents of an image to standard output",
              List.of(),
              VdiReadCommand::new),
          new Entry(
              "vdi",
              "write",
              "NAME [OFFSET [LEN]]",
              "write standard input to an image",
              List.of(),
              VdiWriteCommand::new),
          new Entry(
              "vdi",
              "export",
              "NAME [FILE]",
              "write an image to a raw file or a pipe",
              List.of(),
              VdiExportCommand::new),
          new Entry(
              "vdi",
              "import",
              "NAME [FILE]",
              "make an image of a raw file or a pipe",
              List.of(),
              VdiImportCommand::new),
          new Entry(
              "vdi",
              "backup",
              "NAME",
              "write a snapshot, or the difference of two, to standard output",
              List.of(),
              VdiBackupCommand::new),
          new Entry(
              "vdi",
              "restore",
              "NAME",
              "make a snapshot of a backup from standard input",
              List.of(),
              VdiRestoreCommand::new),
          new Entry(
              "vm",
              "list",
              "",
              "list the images and whether a VM runs on them",
              List.of(),
              VmListCommand::new),
          new Entry(
              "benchmark",
              "io",
              "[NAME]",
              "measure how fast the cluster reads and writes ('bench' is short for it)",
              List.of(),
              BenchmarkIoCommand::new),
          new Entry(
              "corosync",
              "check",
              "[FILE]",
              "say what is wrong with a corosync.conf",
              List.of(),
              CorosyncCheckCommand::new),
          new Entry(
              "corosync",
              "upgrade",
              "[FILE]",
              "turn an old corosync.conf into one for version 3",
              List.of(),
              CorosyncUpgradeCommand::new),
          new Entry(
              "corosync",
              "generate",
              "",
              "write a corosync.conf for version 3",
              List.of(),
              CorosyncGenerateCommand::new));

  private CommandTable() {}

  static @Nullable Entry find(String group, String name) {
    for (Entry entry : ENTRIES) {
      if (entry.group.equals(group) && entry.name.equals(name)) {
        return entry;
      }
    }
    return null;
  }

  static boolean hasGroup(String group) {
    return !ofGroup(group).isEmpty();
  }

  static List<Entry> ofGroup(String group) {
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : ENTRIES) {
      if (entry.group.equals(group)) {
        entries.add(entry);
      }
    }
    return entries;
  }
}
