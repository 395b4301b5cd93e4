package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vdi delete}: spec/cli-collie-2010.md section 7, spec/cli-dog-1.0.md section 2.8. */
public final class VdiDeleteCommand extends ToolCommand {
  @Parameters(paramLabel = "NAME", description = "the image")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "delete this snapshot (tag or number) instead of the working image")
  private @Nullable String snapshot;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Snapshot selected = snapshot == null ? null : Snapshot.parse(snapshot);
    Response response =
        new Vdis(remote).nameRequest(Opcode.DEL_VDI, name, selected, VdiBody.LOCK_NORMAL);
    if (response.isSuccess()) {
      return 0;
    }
    if (invocation.profile() == Profile.COLLIE) {
      throw remote.failure(response, name);
    }
    // OpenStack's driver reads standard error and relies on exit code 0
    invocation
        .console()
        .err()
        .println("Failed to delete VDI " + name + ": " + remote.text(response));
    return 0;
  }
}
