package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.cluster.ClusterEvent.Welcome;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ResultCode;

/** Finds the rule of an event; first come those that apply in every state of the cluster. */
final class EventRules {
  private EventRules() {}

  static Outcome apply(Draft draft, MemberId sender, ClusterEvent event) {
    if (event instanceof JoinRequest join) {
      return MemberRules.join(draft, sender, join);
    }
    Member member = draft.members.get(sender);
    if (member == null) {
      return new Outcome.Refused(ResultCode.STARTUP);
    }
    if (event instanceof MemberReady ready) {
      return MemberRules.ready(draft, member, ready);
    }
    if (!member.synced()) {
      return new Outcome.Refused(ResultCode.STARTUP);
    }
    if (event instanceof Welcome) {
      return Outcome.Done.INSTANCE; // means something to the joiner only
    }
    if (event instanceof DirectoryReady ready) {
      return StartRules.directoryReady(draft, sender, ready);
    }
    if (event instanceof EpochTime time) {
      return EpochRules.time(draft, time);
    }
    if (event instanceof Format format) {
      return StartRules.format(draft, format);
    }
    if (event instanceof ForceStart force) {
      return StartRules.force(draft, force);
    }
    if (event instanceof Shutdown) {
      draft.enter(ClusterStatus.SHUTDOWN);
      return Outcome.Done.INSTANCE;
    }
    if (draft.status != ClusterStatus.RUNNING) {
      return new Outcome.Refused(draft.status.code());
    }
    return applyRunning(draft, member, event);
  }

  private static Outcome applyRunning(Draft draft, Member member, ClusterEvent event) {
    if (event instanceof VdiReserve reserve) {
      return ReservationRules.reserve(draft, member.id(), reserve);
    } else if (event instanceof VdiCommit commit) {
      return ReservationRules.commit(draft, member.id(), commit);
    } else if (event instanceof VdiAbort abort) {
      return ReservationRules.abort(draft, abort);
    } else if (event instanceof VdiDelete delete) {
      return VdiRules.delete(draft, member.id(), delete);
    } else if (event instanceof VdiRetire retire) {
      return VdiRules.retire(draft, retire);
    } else if (event instanceof VdiPurged purged) {
      return VdiRules.purged(draft, purged);
    } else if (event instanceof HeaderChanged changed) {
      return VdiRules.headerChanged(draft, changed);
    } else if (event instanceof LockAcquire acquire) {
      return LockRules.acquire(draft, member, acquire);
    } else if (event instanceof LockAttach attach) {
      return LockRules.attach(draft, member, attach);
    } else if (event instanceof LockRelease release) {
      return LockRules.release(draft, member.id(), release);
    } else if (event instanceof Recovered recovered) {
      return RecoveryRules.recovered(draft, member.id(), recovered);
    } else if (event instanceof RecoverySwitch toggle) {
      return RecoveryRules.toggled(draft, toggle);
    } else if (event instanceof AlterCopies alter) {
      return CopiesRules.alter(draft, alter);
    } else if (event instanceof CopiesWritten written) {
      return CopiesRules.written(draft, written);
    } else if (event instanceof Complaint complaint) {
      return MemberRules.complaint(draft, member.id(), complaint);
    } else if (event instanceof DiskLost) {
      return MemberRules.diskLost(draft, member);
    } else if (event instanceof Reweigh reweigh) {
      return WeightRules.reweigh(draft, reweigh);
    } else if (event instanceof SetVnodes set) {
      return WeightRules.setVnodes(draft, member, set);
    }
    throw new IllegalStateException("No rule for " + event);
  }
}
