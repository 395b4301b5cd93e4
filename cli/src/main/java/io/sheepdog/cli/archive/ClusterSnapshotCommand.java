package io.sheepdog.cli.archive;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.archive.Manifest.ArchivedVdi;
import io.sheepdog.cli.archive.Manifest.Head;
import io.sheepdog.cli.cluster.Formatting;
import io.sheepdog.cli.cluster.ZoneWarning;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code cluster snapshot save|list|show|load}: the snapshots of all or some images in a directory
 * of this host, and the cluster made of them again (spec/cli-dog-1.0.md section 4.5).
 */
public final class ClusterSnapshotCommand extends ToolCommand {
  private static final int MOST_THREADS = 4;
  private static final String SAVE = "save";
  private static final String LIST = "list";
  private static final String SHOW = "show";
  private static final String LOAD = "load";

  @Parameters(arity = "1..*", paramLabel = "WORD")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-m", "--multithread"},
      description = "save: read and write by several threads")
  private boolean parallel;

  @Option(
      names = {"-f", "--force"},
      description = "load: do not ask, even if images exist")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    int usageExit = invocation.profile().usageExit();
    String word = words.get(0);
    if (!List.of(SAVE, LIST, SHOW, LOAD).contains(word)) {
      throw new CommandFailure(
          usageExit, "Invalid argument '" + word + "': save, list, show or load is expected");
    }
    if (word.equals(LIST) ? words.size() != 2 : words.size() < 3) {
      throw new CommandFailure(
          usageExit,
          word.equals(LIST)
              ? "'cluster snapshot list' needs the DIRECTORY of an archive"
              : "'cluster snapshot " + word + "' needs a TAG and a DIRECTORY");
    }
    if (word.equals(SAVE)
        && isNumber(words.get(1).substring(0, Math.min(1, words.get(1).length())))) {
      throw new CommandFailure(
          usageExit, "Invalid tag '" + words.get(1) + "': it must not begin with a digit");
    }
    if (words.get(1).isEmpty()) {
      throw new CommandFailure(usageExit, "Invalid tag '': it must not be empty");
    }
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private List<String> names() {
    return words.subList(3, words.size()).stream().distinct().toList();
  }

  @Override
  protected boolean runsAlone(Invocation invocation) throws CommandFailure {
    String word = words.get(0);
    if (!word.equals(LIST) && !word.equals(SHOW)) {
      return false;
    }
    try (ArchiveDirectory archive = archive(invocation.profile(), word.equals(LIST) ? 1 : 2)) {
      if (word.equals(LIST)) {
        list(invocation.console().out(), archive.heads());
      } else {
        show(invocation, chosen(manifest(invocation.profile(), archive)));
      }
      return true;
    }
  }

  private ArchiveDirectory archive(Profile profile, int word) {
    return new ArchiveDirectory(Path.of(words.get(word)).toAbsolutePath(), profile.systemExit());
  }

  private void list(PrintStream out, List<Head> heads) {
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartArray();
            for (Head head : heads) {
              json.writeStartObject();
              json.writeNumberField("index", head.index());
              json.writeStringField("tag", head.tag());
              json.writeNumberField("time", head.time());
              json.writeEndObject();
            }
            json.writeEndArray();
          });
      return;
    }
    if (!common().raw()) {
      out.println("Index\t\tTag\t\tSnapshot Time");
    }
    for (Head head : heads) {
      String time = common().raw() ? Long.toString(head.time()) : Times.ctime(head.time());
      out.println(head.index() + "\t\t" + head.tag() + "\t\t" + time);
    }
  }

  private void show(Invocation invocation, List<ArchivedVdi> vdis) {
    Console console = invocation.console();
    if (common().json()) {
      Json.print(
          console.out(),
          json -> {
            json.writeStartArray();
            for (ArchivedVdi vdi : vdis) {
              InodeHeader inode = vdi.inode();
              json.writeStartObject();
              json.writeStringField("name", inode.name());
              json.writeStringField("tag", inode.tag());
              json.writeNumberField("snapshot_id", inode.snapshotId());
              json.writeNumberField("size", inode.vdiSize());
              json.writeNumberField("snapshot_taken", inode.snapshotTime().seconds());
              json.writeStringField("vid", inode.vdiId().toString());
              json.writeEndObject();
            }
            json.writeEndArray();
          });
      return;
    }
    // version 1.0 wrote them to standard error, where scripts look for them
    PrintStream out = invocation.profile() == Profile.DOG ? console.err() : console.out();
    int number = 1;
    for (ArchivedVdi vdi : vdis) {
      InodeHeader inode = vdi.inode();
      out.println(
          number++
              + ". VDI id: "
              + inode.vdiId()
              + ", name: "
              + inode.name()
              + ", tag: "
              + inode.tag());
    }
  }

  private Manifest manifest(Profile profile, ArchiveDirectory archive) throws CommandFailure {
    String wanted = words.get(1);
    for (Head head : archive.heads()) {
      if (isNumber(wanted)
          ? wanted.equals(Integer.toString(head.index()))
          : wanted.equals(head.tag())) {
        Manifest manifest = archive.manifest(head.index());
        if (manifest != null) {
          return manifest;
        }
      }
    }
    throw new CommandFailure(
        profile.systemExit(),
        "There is no snapshot '"
            + wanted
            + "' in "
            + words.get(2)
            + ": 'cluster snapshot list' shows them");
  }

  private List<ArchivedVdi> chosen(Manifest manifest) throws CommandFailure {
    List<String> names = names();
    List<ArchivedVdi> chosen = new ArrayList<>();
    List<String> without = new ArrayList<>(names);
    for (ArchivedVdi vdi : manifest.vdis()) {
      if (names.isEmpty() || names.contains(vdi.inode().name())) {
        chosen.add(vdi);
        without.remove(vdi.inode().name());
      }
    }
    if (!without.isEmpty()) {
      throw new CommandFailure(
          1, "There is no VDI " + without.get(0) + " in snapshot '" + manifest.head().tag() + "'");
    }
    return chosen;
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    if (words.get(0).equals(LOAD)) {
      return load(invocation, remote);
    }
    int threads =
        parallel
            ? Math.max(2, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()))
            : 1;
    try (ArchiveDirectory archive = archive(invocation.profile(), 2)) {
      archive.beginSaving();
      new ArchiveSaver(remote, archive).save(invocation, words.get(1), names(), threads);
      return 0;
    } catch (CommandFailure e) {
      throw new CommandFailure(
          e.exitCode(), e.getMessage() + "\nFail to save snapshot to path: " + words.get(2) + ".");
    }
  }

  private int load(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    try (ArchiveDirectory archive = archive(invocation.profile(), 2)) {
      Manifest manifest = manifest(invocation.profile(), archive);
      ArchiveLoader loader =
          new ArchiveLoader(invocation, remote, archive, manifest, chosen(manifest));
      loader.verify();
      if (!force && !Formatting.isConfirmed(console, remote)) {
        return 0;
      }
      format(invocation, remote, manifest);
      loader.load(invocation);
      return 0;
    }
  }

  /**
   * As the cluster was that was saved; only how nodes are weighed is the present one's business.
   */
  private static void format(Invocation invocation, Remote remote, Manifest manifest)
      throws CommandFailure {
    Manifest.ArchivedCluster cluster = manifest.head().cluster();
    ZoneWarning.print(invocation.console().err(), cluster.copies(), Nodes.of(remote));
    Formatting formatting =
        new Formatting(cluster.store(), cluster.copies(), cluster.flags(), cluster.shift());
    formatting.announce(invocation.console(), invocation.profile());
    Response response = formatting.carryOut(remote);
    if (response.is(ResultCode.INVALID_VNODES_STRATEGY)) {
      int flags = cluster.flags() ^ ClusterFlags.AUTO_VNODES;
      response =
          new Formatting(cluster.store(), cluster.copies(), flags, cluster.shift())
              .carryOut(remote);
    }
    remote.require(response, "Format failed");
  }
}
