package io.sheepdog.core.volume;

import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Tombstones of vids whose reservation was given up for want of room: the directory of every member
 * knows that such a vid was used, no disk does. They are written when there is room again, one at a
 * time, asked for every {@link #RETRY}.
 *
 * <p>A memory and no more. If all nodes restart before there was room, or the node that remembers
 * dies, the vid is free again after the next restart of all. Nothing is lost by that, for nothing
 * was ever written under that number; at worst QEMU's list of snapshots of that name ends there.
 */
final class OwedTombstones {
  static final Duration RETRY = Duration.ofSeconds(10);

  private final ClusterAgent agent;
  private final InodeObjects inodes;
  private final Scheduler scheduler;
  private final Set<VdiId> owed = new LinkedHashSet<>();
  private boolean waiting;

  OwedTombstones(ClusterAgent agent, InodeObjects inodes, Scheduler scheduler) {
    this.agent = agent;
    this.inodes = inodes;
    this.scheduler = scheduler;
  }

  /** A vid is about to become a tombstone of which no disk knows. */
  void add(VdiId vid) {
    owed.add(vid);
    if (!waiting) {
      waiting = true;
      scheduler.schedule(RETRY, this::writeNext);
    }
  }

  private void writeNext() {
    Iterator<VdiId> first = owed.iterator();
    if (!first.hasNext()) {
      waiting = false;
      return;
    }
    VdiId vid = first.next();
    write(vid)
        .whenComplete(
            (code, failure) -> {
              if (failure != null || code == ResultCode.SHUTDOWN) {
                waiting = false; // this node is no member any more
              } else if (code == ResultCode.SUCCESS) {
                owed.remove(vid);
                writeNext();
              } else {
                scheduler.schedule(RETRY, this::writeNext);
              }
            });
  }

  private CompletionStage<ResultCode> write(VdiId vid) {
    VdiEntry entry = agent.state().directory().entry(vid);
    if (entry == null) {
      return Steps.success(); // formatted meanwhile
    }
    return switch (entry.state()) {
      case TOMBSTONE -> inodes.leaveTombstone(entry);
      case RESERVED -> Steps.ended(ResultCode.AGAIN); // it is still being given up
      // a deletion that begins once more for its family writes it, and after a format it may be
      // anything
      case HEAD, SNAPSHOT, DELETING -> Steps.success();
    };
  }
}
