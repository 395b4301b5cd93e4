package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import picocli.CommandLine.Option;

/**
 * {@code cluster check}: {@code vdi check} of all images and snapshots (spec/cli-dog-1.0.md section
 * 4.7).
 */
public final class ClusterCheckCommand extends ToolCommand {
  @Option(
      names = {"-n", "--dry-run"},
      description = "compare, and repair nothing")
  private boolean dryRun;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    Vdis vdis = new Vdis(remote);
    ImageCheck images =
        new ImageCheck(vdis, new CopyChecks(remote, !dryRun), console, invocation.profile());
    Findings all = new Findings(console, common().json());
    for (VdiId vid : vdis.states().existing()) {
      InodeHeader inode = images.inode(vid, all);
      if (inode.isDeleted()) {
        // since the list was made
        continue;
      }
      if (!common().json()) {
        console.out().println((dryRun ? "check " : "fix ") + title(inode));
      }
      images.objects(inode, all);
      if (!common().json()) {
        console.out().println((dryRun ? "finish check " : "finish check&repair ") + inode.name());
      }
    }
    if (common().json()) {
      Json.print(
          console.out(),
          json -> {
            json.writeStartObject();
            all.write(json);
            json.writeEndObject();
          });
    }
    return all.isWhole() ? 0 : 1;
  }

  private static String title(InodeHeader inode) {
    return inode.isSnapshot()
        ? "snapshot %s (id: %d, tag: \"%s\")"
            .formatted(inode.name(), inode.snapshotId(), inode.tag())
        : "vdi " + inode.name();
  }
}
