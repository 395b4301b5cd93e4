package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.StateCodec;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands the state to joiners, piece by piece. Sequence number 0 asks for the state as it is now;
 * the reply names its sequence number and its length, and further pieces are asked for by that
 * number.
 */
final class StateService {
  /**
   * What is kept for transfers under way, in bytes; the oldest goes first and its joiner starts
   * again.
   */
  static final long MAX_KEPT = 256L << 20;

  private static final Duration KEPT_FOR = Duration.ofSeconds(60);

  private final Supplier<ClusterState> state;
  private final Scheduler scheduler;
  private final long incarnation;
  private final TreeMap<Long, ByteBuf> kept = new TreeMap<>();

  StateService(Supplier<ClusterState> state, Scheduler scheduler, long incarnation) {
    this.state = state;
    this.scheduler = scheduler;
    this.incarnation = incarnation;
  }

  Reply handle(Request request, SequenceBody body) {
    ClusterState now = state.get();
    long sequence = body.sequence() == 0 ? keep(now) : body.sequence();
    ByteBuf encoded = kept.get(sequence);
    if (encoded == null) {
      return Replies.plain(request, now.epoch(), ResultCode.NO_OBJ);
    }
    PeerReply reply = new PeerReply(incarnation, sequence, encoded.readableBytes());
    return Replies.piece(request, now.epoch(), reply, encoded, body.offset());
  }

  private long keep(ClusterState now) {
    long sequence = now.sequence();
    if (!kept.containsKey(sequence)) {
      ByteBuf out = Unpooled.buffer();
      StateCodec.write(out, now);
      kept.put(sequence, out);
      dropOldest();
      scheduler.schedule(KEPT_FOR, () -> drop(kept.remove(sequence)));
    }
    return sequence;
  }

  private void dropOldest() {
    long total = kept.values().stream().mapToLong(ByteBuf::readableBytes).sum();
    Iterator<Map.Entry<Long, ByteBuf>> oldest = kept.entrySet().iterator();
    while (total > MAX_KEPT && kept.size() > 1) {
      ByteBuf buffer = oldest.next().getValue();
      total -= buffer.readableBytes();
      oldest.remove();
      buffer.release();
    }
  }

  private static void drop(@Nullable ByteBuf buffer) {
    if (buffer != null) {
      buffer.release();
    }
  }

  void end() {
    kept.values().forEach(ByteBuf::release);
    kept.clear();
  }
}
