package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi delete}: spec/cli-collie-2010.md section 7, spec/cli-dog-1.0.md section 2.8.
 *
 * <p>As dog, a VDI that is not there and a daemon that cannot be reached end with exit code 0:
 * OpenStack's driver judges by standard error, and takes any other code for a broken installation.
 */
public final class VdiDeleteCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "delete this snapshot (tag or number) instead of the working image")
  private @Nullable String snapshot;

  @Option(
      names = {"-B", "--nr-batched-reclamation"},
      paramLabel = "N",
      description = "without effect: the nodes give the space back by themselves")
  private @Nullable String batch;

  @Option(
      names = {"-I", "--reclamation-interval"},
      paramLabel = "SECONDS",
      description = "without effect, as -B")
  private @Nullable String interval;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    for (String number : new String[] {batch, interval}) {
      if (number != null && !number.matches("[0-9]{1,9}")) {
        throw new CommandFailure(
            invocation.profile().usageExit(), "Invalid number '" + number + "'");
      }
    }
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Snapshot selected = snapshot == null ? null : Snapshot.parse(snapshot);
    Vdis vdis = new Vdis(remote);
    boolean dog = invocation.profile() == Profile.DOG;
    String what = dog ? "Failed to delete VDI " + name : name;
    if (selected == null) {
      refuseIfOpen(vdis, remote, what);
    }
    Response response = vdis.nameRequest(Opcode.DEL_VDI, name, selected, VdiBody.LOCK_NORMAL);
    if (dog && Vdis.isMissing(response)) {
      invocation.console().err().println(what + ": " + remote.text(response));
      return 0;
    }
    remote.require(response, what);
    return 0;
  }

  /**
   * The daemon lets the lock's own host delete, because QEMU deletes the working image when it goes
   * back to a snapshot; nobody means to delete the disk of a running machine by hand.
   */
  private void refuseIfOpen(Vdis vdis, Remote remote, String what) throws CommandFailure {
    Response found = vdis.lookup(name, null);
    if (!found.isSuccess() || !(found.body() instanceof VdiReply image)) {
      return;
    }
    if (vdis.states().lockOwners().containsKey(image.vdiId())) {
      throw new CommandFailure(1, what + ": " + remote.profile().text(ResultCode.VDI_LOCKED));
    }
  }

  @Override
  protected int exitCode(Profile profile, CommandFailure failure) {
    boolean unreachable = String.valueOf(failure.getMessage()).startsWith("failed to connect to");
    return profile == Profile.DOG && unreachable ? 0 : failure.exitCode();
  }
}
