package io.sheepdog.core.cluster;

import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.ResultCode;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePMap;

/**
 * The next state while an event is being applied: the old one with the sequence number raised,
 * changed by the rules, then frozen.
 */
final class Draft {
  final long sequence;
  ClusterStatus status;
  long startedAt;
  long forcedBy;
  @Nullable ClusterConfig config;
  PVector<EpochRecord> history;
  PMap<MemberId, Member> members;
  PMap<MemberId, ResultCode> refused;
  PMap<MemberId, Long> ready;
  VdiDirectory directory;
  LockTable locks;
  RecoveryState recovery;

  Draft(ClusterState state) {
    sequence = state.sequence() + 1;
    status = state.status();
    startedAt = state.startedAt();
    forcedBy = state.forcedBy();
    config = state.config();
    history = state.history();
    members = state.members();
    refused = state.refused();
    ready = state.ready();
    directory = state.directory();
    locks = state.locks();
    recovery = state.recovery();
  }

  ClusterState build() {
    return new ClusterState(
        sequence, status, startedAt, forcedBy, config, history, members, refused, ready, directory,
        locks, recovery);
  }

  /** Leaves {@link ClusterStatus#STARTING} or never was in it. */
  void enter(ClusterStatus newStatus) {
    status = newStatus;
    startedAt = 0;
    forcedBy = 0;
    ready = TreePMap.empty();
  }

  /** Begins gathering VDI headers, afresh. */
  void enterStarting() {
    status = ClusterStatus.STARTING;
    startedAt = sequence;
    ready = TreePMap.empty();
  }
}
