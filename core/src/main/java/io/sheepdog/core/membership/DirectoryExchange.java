package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * After a restart of the cluster: every node tells the others which VDIs its store knows, and each
 * makes the same directory out of it. Only stores of the newest epoch count; others may be out of
 * date. When an operator has given up some of those, all stores count that are here.
 */
final class DirectoryExchange {
  private static final Duration RETRY = Duration.ofMillis(200);

  private final Platform platform;
  private final NodeAddress self;
  private final long incarnation;
  private final NodeCallbacks callbacks;
  private final Consumer<NodeFailure> onFailure;
  private final Consumer<DirectoryReady> onReady;

  private @Nullable CompletableFuture<Gathered> own;
  private @Nullable ByteBuf ownBytes;
  private long start;
  private @Nullable EpochRecord epoch;
  private final Map<NodeAddress, Gathered> received = new HashMap<>();
  private final Set<NodeAddress> sources = new HashSet<>();
  private @Nullable Gathered merged;

  DirectoryExchange(
      Platform platform,
      LocalNode local,
      NodeCallbacks callbacks,
      Consumer<NodeFailure> onFailure,
      Consumer<DirectoryReady> onReady) {
    this.platform = platform;
    this.self = local.entry().address();
    this.incarnation = local.incarnation();
    this.callbacks = callbacks;
    this.onFailure = onFailure;
    this.onReady = onReady;
  }

  /** What was gathered for that start, null if this node has not got that far. */
  @Nullable Gathered merged(long startedAt) {
    return start == startedAt ? merged : null;
  }

  /** The cluster is STARTING: gathers from all stores of the newest epoch. */
  void begin(ClusterState state) {
    EpochRecord newest = state.newestEpoch();
    if (newest == null) {
      throw new IllegalStateException("A cluster without an epoch cannot start");
    }
    boolean isRepeated = start != 0;
    stop();
    start = state.startedAt();
    epoch = newest;
    for (Member member : state.syncedMembers()) {
      if (state.forcedBy() != 0 || newest.nodes().stream().anyMatch(node -> node.isSame(member))) {
        sources.add(member.node().address());
      }
    }
    long current = start;
    if (isRepeated) {
      platform.scheduler().schedule(RETRY, () -> fetchAll(current));
    } else {
      fetchAll(current);
    }
  }

  /** The cluster is not STARTING any more; what this store knows may change from now on. */
  void stop() {
    start = 0;
    merged = null;
    received.clear();
    sources.clear();
  }

  /** The cluster runs: nobody asks any more. */
  void forget() {
    stop();
    own = null;
    if (ownBytes != null) {
      ownBytes.release();
      ownBytes = null;
    }
  }

  private void fetchAll(long current) {
    if (current == start) {
      Set.copyOf(sources).forEach(source -> fetch(source, current));
    }
  }

  private void fetch(NodeAddress source, long current) {
    if (current != start) {
      return;
    }
    if (source.equals(self)) {
      own().thenAccept(gathered -> take(source, gathered, current)).exceptionally(this::broken);
      return;
    }
    Pull.of(platform.transport(), source, Opcode.PEER_DIRECTORY, current)
        .thenAccept(bytes -> received(source, bytes, current))
        .exceptionally(this::broken);
  }

  private @Nullable Void broken(Throwable failure) {
    onFailure.accept(
        new NodeFailure(
            NodeFailure.Cause.TRANSFER,
            "The directory of VDIs cannot be put together: " + failure + "; please report this"));
    return null;
  }

  private void received(NodeAddress source, @Nullable ByteBuf bytes, long current) {
    if (bytes == null) {
      platform.scheduler().schedule(RETRY, () -> fetch(source, current));
      return;
    }
    try {
      take(source, Gathered.decode(bytes), current);
    } catch (ProtocolException e) {
      onFailure.accept(
          new NodeFailure(
              NodeFailure.Cause.TRANSFER,
              "What "
                  + source
                  + " tells of its VDIs cannot be read: "
                  + e.getMessage()
                  + "; run the same release of sheep on all nodes"));
    } finally {
      bytes.release();
    }
  }

  private void take(NodeAddress source, Gathered gathered, long current) {
    if (current != start || !sources.contains(source)) {
      return;
    }
    received.put(source, gathered);
    if (epoch != null && received.keySet().containsAll(sources)) {
      Gathered all = Gathered.merge(Rings.build(epoch), received);
      merged = all;
      onReady.accept(new DirectoryReady(start, all.digest()));
    }
  }

  /** Answers PEER_DIRECTORY. */
  CompletionStage<Reply> handle(Request request, SequenceBody body, ClusterState state) {
    return switch (state.status()) {
      case WAIT_FORMAT, RUNNING, SHUTDOWN ->
          CompletableFuture.completedFuture(
              Replies.plain(request, state.epoch(), ResultCode.INVALID_EPOCH));
      case WAIT_JOIN, STARTING ->
          own()
              .thenApply(
                  gathered -> {
                    ByteBuf bytes = ownBytes == null ? gathered.encode() : ownBytes;
                    ownBytes = bytes;
                    PeerReply reply =
                        new PeerReply(incarnation, body.sequence(), bytes.readableBytes());
                    return Replies.piece(request, state.epoch(), reply, bytes, body.offset());
                  });
    };
  }

  /** Nothing changes in the store while the cluster does not run, so one look is enough. */
  private CompletableFuture<Gathered> own() {
    CompletableFuture<Gathered> known = own;
    if (known != null) {
      return known;
    }
    CompletableFuture<Gathered> gathered =
        HeaderScan.of(platform.objects(), callbacks)
            .thenApply(
                found -> new Gathered(platform.meta().epochs(), found.entries(), found.setAside()))
            .toCompletableFuture();
    own = gathered;
    gathered.whenComplete(
        (result, failure) -> {
          if (failure != null) {
            onFailure.accept(
                new NodeFailure(
                    NodeFailure.Cause.DISK,
                    "The VDIs of this store cannot be listed: "
                        + failure.getMessage()
                        + "; check the disk"));
          }
        });
    return gathered;
  }
}
