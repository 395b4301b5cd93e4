package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiReply;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi check}: spec/cli-dog-1.0.md section 2.12; but the exit code is 1 when something could
 * not be repaired.
 */
public final class VdiCheckCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-e", "--exist"},
      description = "only look whether every copy is there, not what is in it")
  private boolean onlyExistence;

  @Option(
      names = {"-n", "--dry-run"},
      description = "compare, and repair nothing")
  private boolean dryRun;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number) instead of the working image")
  private @Nullable String snapshot;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Console console = invocation.console();
    Vdis vdis = new Vdis(remote);
    VdiId vid = vid(vdis, remote);
    if (onlyExistence) {
      return new ExistenceCheck(remote, vdis)
          .run(vdis.header(vid), console, common().json() ? console.out() : null);
    }
    Findings findings = new Findings(console, common().json());
    ImageCheck image =
        new ImageCheck(vdis, new CopyChecks(remote, !dryRun), console, invocation.profile());
    InodeHeader inode = image.inode(vid, findings);
    image.objects(inode, findings);
    if (common().json()) {
      Json.print(
          console.out(),
          json -> {
            json.writeStartObject();
            json.writeStringField("name", name);
            findings.write(json);
            json.writeEndObject();
          });
    } else {
      console.out().println((dryRun ? "finish check " : "finish check&repair ") + name);
    }
    return findings.isWhole() ? 0 : 1;
  }

  /** Without reading its inode, which may be what is damaged. */
  private VdiId vid(Vdis vdis, Remote remote) throws CommandFailure {
    Response found = vdis.lookup(name, snapshot == null ? null : Snapshot.parse(snapshot));
    remote.require(found, "Failed to open VDI " + name + (snapshot == null ? "" : " " + snapshot));
    if (found.body() instanceof VdiReply reply) {
      return reply.vdiId();
    }
    throw new CommandFailure(1, "Failed to open VDI " + name + ": " + ResultCode.SYSTEM_ERROR);
  }
}
