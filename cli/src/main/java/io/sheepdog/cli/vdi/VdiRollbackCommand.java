package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi rollback}: spec/cli-dog-1.0.md section 2.9. The cluster makes a new working image from
 * the snapshot and turns the one of until then into a snapshot, in one step; only then that is
 * deleted, if it is not wanted.
 */
public final class VdiRollbackCommand extends ToolCommand {
  private static final int BRANCH = 1;

  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "the snapshot (tag or number) to go back to; always needed")
  private @Nullable String snapshot;

  @Option(
      names = {"--no-safety-snapshot"},
      description = "do not keep the present contents as a snapshot")
  private boolean discard;

  @Option(
      names = {"-f", "--force"},
      description = "do not ask")
  private boolean force;

  @Option(
      names = {"-v", "--verbose"},
      description = "print the VDI id")
  private boolean verbose;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (snapshot == null) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Name the snapshot of " + name + " to go back to with -s; 'vdi list' shows them");
    }
    Snapshot.parse(snapshot);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    InodeHeader base = vdis.open(name, Snapshot.parse(String.valueOf(snapshot)));
    InodeHeader head = head(vdis, remote);
    Console console = invocation.console();
    boolean asks = !force && (invocation.profile() == Profile.DOG || console.inputIsTerminal());
    if (asks && head != null && !console.confirm(question())) {
      return 0;
    }
    String tag = head == null || discard ? "" : tag();
    if (head != null) {
      vdis.tag(head, tag);
    }
    VdiId vid = branch(vdis, base, head);
    if (head != null && discard) {
      delete(vdis, remote, head);
    }
    report(invocation, vid, head, tag);
    return 0;
  }

  private String question() {
    return discard
        ? "This discards all changes of " + name + " since its last snapshot. Continue?"
        : "This makes " + name + " what it was; its present contents stay as a snapshot. Continue?";
  }

  /** The working image, null if it was deleted. */
  private @Nullable InodeHeader head(Vdis vdis, Remote remote) throws CommandFailure {
    Response found = vdis.lookup(name, null);
    if (Vdis.isMissing(found)) {
      return null;
    }
    String what = "Failed to roll back VDI " + name;
    remote.require(found, what);
    VdiId vid = found.body() instanceof VdiReply reply ? reply.vdiId() : VdiId.NONE;
    // as for deletion: the daemon lets the lock's own host do it, because QEMU does
    if (vdis.states().lockOwners().containsKey(vid)) {
      throw new CommandFailure(
          1,
          what
              + ": "
              + remote.profile().text(ResultCode.VDI_LOCKED)
              + "; stop who uses it ('vdi lock list' shows them)");
    }
    return vdis.header(vid);
  }

  /** By which the snapshot of the contents of until now is found. */
  private static String tag() {
    DateTimeFormatter format = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    return "before-rollback-" + format.format(LocalDateTime.now());
  }

  private VdiId branch(Vdis vdis, InodeHeader base, @Nullable InodeHeader head)
      throws CommandFailure {
    VdiBody body =
        new VdiBody(
            base.vdiSize(),
            base.vdiId(),
            base.copies(),
            base.copyPolicy(),
            base.storePolicy(),
            base.blockSizeShift(),
            head == null ? 0 : BRANCH,
            VdiBody.LOCK_NORMAL);
    try {
      return vdis.create(name, body, "Failed to roll back VDI " + name);
    } catch (CommandFailure e) {
      if (head != null) {
        // it is the working image still, which has no tag
        vdis.tag(head, "");
      }
      throw e;
    }
  }

  private void delete(Vdis vdis, Remote remote, InodeHeader former) throws CommandFailure {
    Response deleted =
        vdis.nameRequest(
            Opcode.DEL_VDI, name, new Snapshot(former.snapshotId(), ""), VdiBody.LOCK_NORMAL);
    remote.require(
        deleted,
        "Snapshot "
            + former.snapshotId()
            + " of "
            + name
            + " has its former contents and was not deleted");
  }

  private void report(Invocation invocation, VdiId vid, @Nullable InodeHeader head, String tag) {
    if (common().json()) {
      Json.print(
          invocation.console().out(),
          json -> {
            json.writeStartObject();
            json.writeStringField("vid", vid.toString());
            if (head != null && !discard) {
              json.writeNumberField("safety_snapshot_id", head.snapshotId());
              json.writeStringField("safety_snapshot_tag", tag);
            }
            json.writeEndObject();
          });
      return;
    }
    NewVdi.report(invocation.console().out(), common(), verbose, "VDI", vid);
    if (head != null && !discard) {
      invocation
          .console()
          .err()
          .println(
              "The former contents are snapshot "
                  + head.snapshotId()
                  + " ("
                  + tag
                  + "); 'vdi delete -s "
                  + head.snapshotId()
                  + " "
                  + name
                  + "' removes it");
    }
  }
}
