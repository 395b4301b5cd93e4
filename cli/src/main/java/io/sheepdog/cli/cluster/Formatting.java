package io.sheepdog.cli.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes a cluster empty: what {@code cluster format} and {@code cluster snapshot load} share.
 *
 * @param store name of the back end
 * @param copies default number of copies, 1..31
 * @param flags of {@link io.sheepdog.protocol.ClusterFlags}
 * @param shift default object size as a power of two, 0 for that of the daemons
 */
public record Formatting(String store, int copies, int flags, int shift) {
  /**
   * Asks, if there is something to lose and somebody who can answer. Version 1.0 reads its answer
   * from any standard input; the guide's scripts are never asked.
   *
   * @return whether to go on
   */
  public static boolean isConfirmed(Console console, Remote remote) throws CommandFailure {
    if (remote.profile() != Profile.DOG && !console.inputIsTerminal()) {
      return true;
    }
    String question = question(remote);
    return question == null || console.confirm(question);
  }

  /** What there is to lose, null for nothing. */
  private static @Nullable String question(Remote remote) throws CommandFailure {
    Response status = ClusterView.status(remote);
    if (status.is(ResultCode.WAIT_FOR_FORMAT)) {
      return null;
    }
    if (!status.isSuccess()) {
      return "This destroys all images of a cluster that is not complete ("
          + remote.text(status)
          + "). Are you sure you want to continue?";
    }
    return new Vdis(remote).states().any()
        ? "This destroys all images of the cluster. Are you sure you want to continue?"
        : null;
  }

  /** Version 1.0 says which back end it uses. */
  public void announce(Console console, Profile profile) {
    if (profile == Profile.DOG) {
      console.out().println("using backend " + store + " store");
    }
  }

  /** Formats, and says how it went. */
  public Response carryOut(Remote remote) throws CommandFailure {
    ByteBuf payload = Unpooled.copiedBuffer(store + "\0", StandardCharsets.US_ASCII);
    long now = SheepTime.of(Instant.now()).wire();
    ClusterBody body = ClusterBody.format(now, copies, 0, flags, shift);
    return remote.send(Opcode.MAKE_FS, RequestFlags.NONE, body, payload);
  }
}
