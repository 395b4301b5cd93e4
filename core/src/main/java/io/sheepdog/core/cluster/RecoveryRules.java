package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ResultCode;
import java.util.List;

/** When an epoch is complete. */
final class RecoveryRules {
  private RecoveryRules() {}

  /**
   * A member holds everything. Once all have said so in the same epoch, that one is complete; a
   * change of the members in between begins a new epoch, and everybody has to look again.
   */
  static Outcome recovered(Draft draft, MemberId sender, Recovered event) {
    if (!event.epoch().equals(EpochRules.newest(draft))) {
      return new Outcome.Refused(ResultCode.INVALID_EPOCH);
    }
    if (draft.recovery.complete().equals(event.epoch())) {
      return Outcome.Done.INSTANCE;
    }
    draft.recovery = draft.recovery.withDone(sender);
    List<Member> members = draft.build().syncedMembers();
    if (members.stream().allMatch(member -> draft.recovery.done().contains(member.id()))) {
      draft.recovery = draft.recovery.completed(event.epoch());
      CopiesRules.forget(draft);
    }
    return Outcome.Done.INSTANCE;
  }

  /** {@code cluster recover enable} or {@code disable}. */
  static Outcome toggled(Draft draft, RecoverySwitch event) {
    draft.recovery = draft.recovery.withPaused(event.paused());
    return Outcome.Done.INSTANCE;
  }
}
