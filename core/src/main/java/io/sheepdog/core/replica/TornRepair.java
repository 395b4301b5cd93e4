package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The repair of one torn object by its first home: the other homes get, durably, what this one has
 * in the range in question, and then word that the object is the same everywhere. Begun anew until
 * it succeeds or the epoch ends.
 */
final class TornRepair {
  private static final Duration RETRY = Duration.ofMillis(200);
  private static final int PIECE = 1 << 20;

  private final Tools tools;
  private final ObjectId oid;
  private final ByteRange range;
  private final Epoch epoch;
  private final List<NodeAddress> others;
  private final Runnable whenRepaired;

  /** What a repair works with. */
  record Tools(
      ClusterView cluster,
      ObjectStore store,
      ObjectShapes shapes,
      ObjectGate gate,
      Transport transport,
      Scheduler scheduler) {}

  /** Begins repairs. */
  interface Factory {
    /**
     * Repairs an object of which this node is the first home.
     *
     * @param others the other homes
     * @param whenRepaired runs when they have all confirmed
     */
    void repair(
        ObjectId oid,
        ByteRange range,
        Epoch epoch,
        List<NodeAddress> others,
        Runnable whenRepaired);
  }

  TornRepair(
      Tools tools,
      ObjectId oid,
      ByteRange range,
      Epoch epoch,
      List<NodeAddress> others,
      Runnable whenRepaired) {
    this.tools = tools;
    this.oid = oid;
    this.range = range;
    this.epoch = epoch;
    this.others = others;
    this.whenRepaired = whenRepaired;
  }

  void start() {
    boolean isOver =
        !epoch.equals(tools.cluster().servingEpoch()) || tools.cluster().incarnation() == 0;
    if (!isOver) {
      tools.gate().bring(oid, this::found);
    }
  }

  private void found(ResultCode code) {
    ObjectAttributes shape = tools.shapes().of(oid);
    if (code != ResultCode.SUCCESS) {
      later();
    } else if (shape == null || !tools.store().holds(oid)) {
      end();
    } else {
      give(range.from(), Math.min(range.to(), shape.size()));
    }
  }

  private void give(long from, long to) {
    int length = (int) Math.min(PIECE, to - from);
    if (length <= 0) {
      end();
      return;
    }
    tools
        .store()
        .read(oid, from, length)
        .whenComplete(
            (read, failure) -> {
              if (failure != null || read.status() != StoreStatus.OK) {
                later();
                return;
              }
              tell(from, read.data(), () -> give(from + length, to));
              read.data().release();
            });
  }

  private void end() {
    tell(range.from(), Unpooled.EMPTY_BUFFER, whenRepaired);
  }

  /** Runs {@code then} when all others have confirmed; begins anew if one did not. */
  private void tell(long offset, ByteBuf piece, Runnable then) {
    if (others.isEmpty()) {
      then.run();
      return;
    }
    int length = piece.readableBytes();
    Request request =
        Request.of(
                Opcode.PEER_REPAIR,
                length > 0 ? RequestFlags.WRITE : RequestFlags.NONE,
                length,
                PeerBody.of(oid, offset, length))
            .withEpoch(epoch);
    int[] open = {others.size()};
    boolean[] failed = {false};
    for (NodeAddress other : others) {
      tools
          .transport()
          .send(other, request, piece)
          .whenComplete(
              (reply, failure) -> {
                failed[0] |= reply == null || !reply.header().isSuccess();
                if (reply != null) {
                  reply.release();
                }
                if (--open[0] == 0) {
                  if (failed[0]) {
                    later();
                  } else if (epoch.equals(tools.cluster().servingEpoch())) {
                    then.run();
                  }
                }
              });
    }
  }

  private void later() {
    tools.scheduler().schedule(RETRY, this::start);
  }

  /** Another home's part: applies a piece, of an object that belongs here. */
  static void receive(
      Tools tools, ObjectId oid, long offset, ByteBuf piece, Consumer<ResultCode> result) {
    piece.retain();
    tools
        .gate()
        .bring(
            oid,
            code -> {
              try {
                if (code != ResultCode.SUCCESS || !tools.store().holds(oid)) {
                  result.accept(code);
                } else {
                  tools
                      .store()
                      .write(oid, offset, piece, true)
                      .whenComplete(
                          (status, failure) ->
                              result.accept(
                                  failure == null
                                      ? ReplicaService.toResult(status)
                                      : ResultCode.SYSTEM_ERROR));
                }
              } finally {
                piece.release();
              }
            });
  }
}
