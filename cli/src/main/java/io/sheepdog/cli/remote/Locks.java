package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.VdiLockPayload;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The locks of a cluster.
 *
 * @param all by the id of the working image
 */
public record Locks(List<VdiLockPayload> all) {
  private static final int FIRST_ROOM = 512;
  private static final int MAX_ROOM = 65_536;

  /** Asks a daemon. */
  public static Locks of(Remote remote) throws CommandFailure {
    for (int room = FIRST_ROOM; room <= MAX_ROOM; room *= 2) {
      Optional<List<VdiLockPayload>> locks =
          remote.fetch(
              Opcode.VDI_LOCKS,
              RawBody.EMPTY,
              room * VdiLockPayload.SIZE,
              reply -> {
                if (reply.header().is(ResultCode.BUFFER_SMALL)) {
                  return Optional.empty();
                }
                remote.require(reply.header(), "Failed to list locks");
                return Optional.of(VdiLockPayload.decodeList(reply.payload()));
              });
      if (locks.isPresent()) {
        return new Locks(locks.get());
      }
    }
    throw new CommandFailure(remote.profile().systemExit(), "more locks than this tool can list");
  }

  /** The lock of a working image, null if there is none. */
  public @Nullable VdiLockPayload of(VdiId vid) {
    return all.stream().filter(lock -> lock.vid().equals(vid)).findFirst().orElse(null);
  }
}
