package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.Scheduler.Cancellable;
import io.sheepdog.protocol.id.Epoch;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests of an epoch that this node does not serve yet; bounded in number, bytes and time. A
 * member reaches the epoch of the others as soon as its log is on disk; what waits for longer than
 * {@link #LONGEST_WAIT} is given back to its sender, which asks again.
 */
final class EpochParking {
  static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private static final int MAX_REQUESTS = 8192;

  /**
   * Well below what the server lets all peers have under way, so parked requests never shut others
   * out.
   */
  private static final long MAX_BYTES = 32L << 20;

  /** A member is never this far behind; who claims it is none. */
  private static final int MAX_AHEAD = 64;

  private final ClusterView cluster;
  private final Scheduler scheduler;

  /** One set for each epoch that something waits or waited for: at most {@link #MAX_AHEAD}. */
  private final Map<Epoch, Set<Parked>> waiting = new HashMap<>();

  private int requests;
  private long bytes;

  EpochParking(ClusterView cluster, Scheduler scheduler) {
    this.cluster = cluster;
    this.scheduler = scheduler;
  }

  /**
   * Keeps a request until its epoch is served, or this node is no member any more, or it has waited
   * for too long; then hands the payload to {@code resume}, which must look which of them it was.
   *
   * @return false when there is no room or the epoch is beyond all reason; then nothing is kept
   */
  boolean park(Epoch epoch, ByteBuf payload, Consumer<ByteBuf> resume) {
    int size = payload.readableBytes();
    long ahead =
        Integer.toUnsignedLong(epoch.value())
            - Integer.toUnsignedLong(cluster.servingEpoch().value());
    if (ahead > MAX_AHEAD || requests >= MAX_REQUESTS || bytes + size > MAX_BYTES) {
      return false;
    }
    Set<Parked> others = waiting.get(epoch);
    Set<Parked> sameEpoch = others == null ? new LinkedHashSet<>() : others;
    Parked parked = new Parked(payload.retain(), resume);
    sameEpoch.add(parked);
    requests++;
    bytes += size;
    parked.deadline =
        scheduler.schedule(
            LONGEST_WAIT,
            () -> {
              if (sameEpoch.remove(parked)) {
                resume(parked);
              }
            });
    if (others == null) {
      waiting.put(epoch, sameEpoch);
      cluster.whenEpochServed(epoch, () -> served(epoch, sameEpoch));
    }
    return true;
  }

  private void served(Epoch epoch, Set<Parked> ready) {
    waiting.remove(epoch);
    Set<Parked> all = new LinkedHashSet<>(ready);
    ready.clear();
    all.forEach(this::resume);
  }

  private void resume(Parked parked) {
    if (parked.deadline != null) {
      parked.deadline.cancel();
    }
    requests--;
    bytes -= parked.size;
    try {
      parked.resume.accept(parked.payload);
    } finally {
      parked.payload.release();
    }
  }

  /** A request that waits. */
  private static final class Parked {
    private final ByteBuf payload;
    private final int size;
    private final Consumer<ByteBuf> resume;
    private @Nullable Cancellable deadline;

    Parked(ByteBuf payload, Consumer<ByteBuf> resume) {
      this.payload = payload;
      this.size = payload.readableBytes();
      this.resume = resume;
    }
  }
}
