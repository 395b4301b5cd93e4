package io.sheepdog.cli.cluster;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Layout;
import io.sheepdog.cli.remote.Nodes;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Response;
import org.jspecify.annotations.Nullable;

/** What {@code vdi alter-copy} and {@code cluster alter-copy} have in common. */
public final class NumberOfCopies {
  private static final int DEFAULT = 3;

  private NumberOfCopies() {}

  /**
   * Reads the number that is wanted.
   *
   * @return 1..31
   */
  public static int wanted(@Nullable String text, Console console, Profile profile)
      throws CommandFailure {
    if (text != null && text.indexOf(':') >= 0) {
      throw new CommandFailure(
          profile.usageExit(),
          "Invalid parameter " + text + ": erasure coding (data:parity) is not available yet");
    }
    int copies = Layout.copies(text, profile);
    if (copies == 0) {
      console.err().println("the number of copies was not given (-c N); it will be " + DEFAULT);
    }
    return copies == 0 ? DEFAULT : copies;
  }

  /** Whether the user wants that many copies; warns of more than there are zones. */
  public static boolean isConfirmed(
      Console console, Remote remote, boolean force, int before, int after, String what)
      throws CommandFailure {
    Nodes nodes = Nodes.of(remote);
    ZoneWarning.print(console.err(), after, nodes);
    boolean asks = !force && (remote.profile() == Profile.DOG || console.inputIsTerminal());
    return !asks
        || console.confirm(
            "This changes the number of copies of "
                + what
                + " from "
                + before
                + " to "
                + after
                + ", and objects are copied or removed in the background. Continue?");
  }

  /** Gives up unless the change was made. */
  public static void require(Response response, Remote remote, String what) throws CommandFailure {
    if (response.is(ResultCode.AGAIN)) {
      throw new CommandFailure(
          1,
          what
              + ": a snapshot or another change is under way; try again when 'node recovery' shows"
              + " no node");
    }
    remote.require(response, what);
  }
}
