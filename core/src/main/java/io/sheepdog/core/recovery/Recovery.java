package io.sheepdog.core.recovery;

import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives every object that belongs on this node its replica here again, in the background, after
 * each change of the members; and purges what was set aside once all nodes have done the same.
 *
 * <p>A newer epoch replaces a running recovery; what is here already is only checked. An epoch that
 * all members said they recovered is complete ({@code RecoveryState.complete}): nobody looks for
 * copies of before.
 */
public final class Recovery {
  private final ClusterAgent agent;
  private final MetaStore meta;
  private final RecoveryTools tools;
  private final RecoveryPolicy policy;
  private final Consumer<String> onWarning;
  private final List<RecoveryListener> listeners = new ArrayList<>();
  private @Nullable EpochRecovery run;
  private @Nullable StalePurge purge;
  private Epoch purged = Epoch.ZERO;

  /**
   * Follows the agent from now on.
   *
   * @param clientsWait whether requests of clients are under way at this node
   * @param onWarning told what an operator may want to know
   * @param policy {@link RecoveryPolicy#SAFE} but in the simulator
   */
  public Recovery(
      ClusterAgent agent,
      ReplicaService replica,
      Platform platform,
      BooleanSupplier clientsWait,
      Consumer<String> onWarning,
      RecoveryPolicy policy) {
    this.agent = agent;
    this.meta = platform.meta();
    this.policy = policy;
    this.onWarning = onWarning;
    WorkBounds bounds = new WorkBounds(platform.clock(), clientsWait);
    DiskRoom room =
        new DiskRoom(
            platform.objects(),
            platform.scheduler(),
            bounds,
            this::fill,
            space -> listeners.forEach(listener -> listener.heldBack(agent.servingEpoch(), space)),
            () -> listeners.forEach(listener -> listener.goesOn(agent.servingEpoch())));
    tools =
        new RecoveryTools(
            agent,
            replica,
            platform.objects(),
            platform.transport(),
            platform.scheduler(),
            bounds,
            room);
    agent.addListener((before, after, sender, event, outcome) -> follow(before, after, event));
  }

  /** Adds somebody who is told from now on. */
  public void addListener(RecoveryListener listener) {
    listeners.add(listener);
  }

  /** How far this node has come; running also before it serves an epoch that is to be recovered. */
  public RecoveryProgress progress() {
    if (run != null) {
      return run.progress();
    }
    ClusterState state = agent.state();
    boolean isAhead =
        state.status() == ClusterStatus.RUNNING
            && !state.recovery().complete().equals(state.epoch());
    return isAhead ? RecoveryProgress.ahead(state.epoch()) : RecoveryProgress.IDLE;
  }

  /** The bound that an operator has set. */
  public RecoveryThrottle throttle() {
    return tools.bounds().throttle();
  }

  /**
   * From now on at most {@code maxObjects} objects are brought in the background per interval; no
   * bound if either is 0. Accesses of clients are never held back.
   *
   * @param maxObjects u32
   * @param intervalMillis more than a day counts as a day
   */
  public void setThrottle(int maxObjects, long intervalMillis) {
    tools.bounds().setThrottle(maxObjects, intervalMillis);
    fill();
  }

  private void follow(ClusterState before, ClusterState after, @Nullable ClusterEvent event) {
    if (event instanceof Format) {
      purged = Epoch.ZERO;
      end();
    }
    boolean isRunning = after.status() == ClusterStatus.RUNNING;
    boolean isNewEpoch = !after.epoch().equals(before.epoch());
    if (!isRunning || isNewEpoch) {
      end();
    }
    if (isRunning && after.recovery() != before.recovery()) {
      remember(after.recovery().mark());
      begin();
    }
    if (isRunning && (isNewEpoch || before.status() != ClusterStatus.RUNNING)) {
      agent.whenEpochServed(after.epoch(), this::begin);
    }
  }

  private void remember(RecoveryMark mark) {
    if (!mark.equals(meta.recovery()) && tools.store().failure() == null) {
      meta.saveRecovery(mark)
          .whenComplete(
              (status, failure) -> {
                if (failure != null || status != StoreStatus.OK) {
                  onWarning.accept(
                      "It could not be noted that epoch "
                          + mark.complete()
                          + " is complete ("
                          + (failure == null ? status : failure)
                          + "): after a restart of the whole cluster all nodes will compare their"
                          + " lists of objects again");
                }
              });
    }
  }

  /** Begins or ends what the state asks for in the epoch being served. */
  private void begin() {
    ClusterState state = agent.state();
    Epoch serving = agent.servingEpoch();
    boolean serves =
        agent.synced()
            && state.status() == ClusterStatus.RUNNING
            && !serving.isZero()
            && serving.equals(state.epoch());
    if (!serves) {
      return;
    }
    if (state.recovery().complete().equals(serving)) {
      if (run != null) {
        RecoveryProgress progress = run.progress();
        listeners.forEach(listener -> listener.complete(progress));
      }
      end();
      purge(serving);
    } else if (run == null || !run.epoch().equals(serving)) {
      end();
      listeners.forEach(listener -> listener.begins(serving));
      run =
          new EpochRecovery(
              tools,
              serving,
              policy.mayAnnounceEarly(),
              this::fill,
              nodes -> listeners.forEach(listener -> listener.awaits(serving, nodes)),
              this::announced);
      run.start();
    } else {
      run.fill();
    }
  }

  private void fill() {
    if (run != null) {
      run.fill();
    }
  }

  private void announced(RecoveryProgress progress) {
    listeners.forEach(listener -> listener.holdsEverything(progress));
    if (policy.mayPurgeEarly()) {
      purge(progress.epoch());
    }
  }

  private void purge(Epoch complete) {
    if (!complete.equals(purged) && tools.store().failure() == null) {
      purged = complete;
      if (purge != null) {
        purge.end();
      }
      purge = new StalePurge(tools, complete);
      purge.start();
    }
  }

  private void end() {
    if (run != null) {
      run.end();
      run = null;
    }
  }
}
