package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.CopiesChange;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Writes changed numbers of copies into the inodes. The oldest member does it, one after the other,
 * and says so by an ordered event; until then the change is remembered beside the epochs, so
 * nothing is lost when it dies in between. Nobody else writes that byte of an inode once there is
 * one.
 */
final class CopiesWriter {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final ClusterAgent agent;
  private final ObjectGateway gateway;
  private final Scheduler scheduler;
  private boolean busy;

  CopiesWriter(ClusterAgent agent, ObjectGateway gateway, Scheduler scheduler) {
    this.agent = agent;
    this.gateway = gateway;
    this.scheduler = scheduler;
  }

  /** Something was applied. */
  void look() {
    if (!busy && next() != null) {
      busy = true;
      agent.whenEpochServed(agent.state().epoch(), this::write);
    }
  }

  private @Nullable CopiesChange next() {
    ClusterState state = agent.state();
    ClusterConfig config = state.config();
    return config != null
            && state.status() == ClusterStatus.RUNNING
            && agent.synced()
            && agent.isOldest()
        ? config.history().unwritten()
        : null;
  }

  private void write() {
    CopiesChange change = next();
    if (change == null) {
      busy = false;
      return;
    }
    write(change)
        .whenComplete(
            (code, failure) -> {
              if (failure == null && (code == ResultCode.SUCCESS || code == ResultCode.NO_OBJ)) {
                agent
                    .propose(new CopiesWritten(change.vid(), change.epoch()))
                    .thenRun(
                        () -> {
                          busy = false;
                          look();
                        });
              } else {
                scheduler.schedule(RETRY, this::write);
              }
            });
  }

  private CompletionStage<ResultCode> write(CopiesChange change) {
    VdiEntry entry = agent.state().directory().entry(change.vid());
    boolean isAlive =
        entry != null
            && (entry.state() == VdiEntry.State.HEAD || entry.state() == VdiEntry.State.SNAPSHOT);
    if (!isAlive) {
      return Steps.success(); // deleted meanwhile: an empty header says nothing of copies
    }
    ByteBuf number = Unpooled.buffer(1).writeByte(change.after());
    return gateway
        .write(ObjectId.inode(change.vid()), InodeLayout.COPIES, number)
        .whenComplete((code, failure) -> number.release());
  }
}
