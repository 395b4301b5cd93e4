package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.id.Epoch;
import java.util.function.Consumer;

/** Requests of an epoch that this node does not serve yet; bounded in number and bytes. */
final class EpochParking {
  private static final int MAX_REQUESTS = 8192;

  /**
   * Well below what the server lets all peers have under way, so parked requests never shut others
   * out.
   */
  private static final long MAX_BYTES = 32L << 20;

  /** A member is never this far behind; who claims it is none. */
  private static final int MAX_AHEAD = 64;

  private final ClusterView cluster;
  private int requests;
  private long bytes;

  EpochParking(ClusterView cluster) {
    this.cluster = cluster;
  }

  /**
   * Keeps a request until its epoch is served, or this node is no member any more, then hands the
   * payload to {@code resume}.
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
    requests++;
    bytes += size;
    payload.retain();
    cluster.whenEpochServed(
        epoch,
        () -> {
          requests--;
          bytes -= size;
          try {
            resume.accept(payload);
          } finally {
            payload.release();
          }
        });
    return true;
  }
}
