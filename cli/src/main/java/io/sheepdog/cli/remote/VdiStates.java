package io.sheepdog.cli.remote;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.VdiBitmap;
import io.sheepdog.protocol.payload.VdiLockPayload;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which vids are used, and which are locked. Asks for the states of all VDIs first, because they
 * are shorter than the bitmaps (2 MiB each) unless there are very many.
 */
public final class VdiStates {
  private static final int FIRST_STATES = 512;

  private final Remote remote;
  private @Nullable List<VdiStatePayload> states;

  VdiStates(Remote remote) {
    this.remote = remote;
  }

  /** Vids of all images and snapshots that are not deleted, ascending. */
  public List<VdiId> existing() throws CommandFailure {
    List<VdiStatePayload> few = upTo(FIRST_STATES);
    if (few == null) {
      return existingByBitmap();
    }
    List<VdiId> vids = new ArrayList<>(few.size());
    for (VdiStatePayload state : few) {
      if (!state.deleted()) {
        vids.add(state.vid());
      }
    }
    return vids;
  }

  private List<VdiId> existingByBitmap() throws CommandFailure {
    VdiBitmap used = bitmap(Opcode.READ_VDIS);
    VdiBitmap deleted = bitmap(Opcode.READ_DEL_VDIS);
    List<VdiId> vids = new ArrayList<>();
    VdiId vid = used.firstSet(new VdiId(1));
    while (vid != null) {
      if (!deleted.get(vid)) {
        vids.add(vid);
      }
      vid = vid.value() == VdiId.MAX_VALUE ? null : used.firstSet(new VdiId(vid.value() + 1));
    }
    return vids;
  }

  /** Whether any image or snapshot exists that is not deleted. */
  public boolean any() throws CommandFailure {
    return !existing().isEmpty();
  }

  private VdiBitmap bitmap(Opcode opcode) throws CommandFailure {
    return remote.fetch(
        opcode,
        RawBody.EMPTY,
        VdiBitmap.SIZE,
        reply -> {
          remote.require(reply.header(), "Failed to list VDIs");
          return VdiBitmap.decode(reply.payload());
        });
  }

  /** The node through which each locked VDI is locked. */
  public Map<VdiId, NodeAddress> lockOwners() throws CommandFailure {
    Map<VdiId, NodeAddress> owners = new HashMap<>();
    List<VdiStatePayload> few = upTo(FIRST_STATES);
    if (few == null) {
      for (VdiLockPayload lock : Locks.of(remote).all()) {
        owners.put(lock.vid(), lock.gateway());
      }
      return owners;
    }
    for (VdiStatePayload state : few) {
      if (state.lockState() == LockState.LOCKED) {
        owners.put(state.vid(), state.lockOwner());
      }
    }
    return owners;
  }

  /** The states, null if there are more than {@code room}. */
  private @Nullable List<VdiStatePayload> upTo(int room) throws CommandFailure {
    if (states == null) {
      Optional<List<VdiStatePayload>> fetched =
          remote.fetch(
              Opcode.GET_VDI_COPIES,
              RawBody.EMPTY,
              room * VdiStatePayload.SIZE,
              reply -> {
                if (reply.header().is(ResultCode.BUFFER_SMALL)) {
                  return Optional.empty();
                }
                remote.require(reply.header(), "Failed to list VDIs");
                return Optional.of(VdiStatePayload.decodeList(reply.payload()));
              });
      states = fetched.orElse(null);
    }
    return states;
  }
}
