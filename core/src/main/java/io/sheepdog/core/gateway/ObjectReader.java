package io.sheepdog.core.gateway;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Reads from one replica: this node's own if it has one, else the others in turn until one gives
 * the bytes.
 */
final class ObjectReader {
  private final Targets targets;
  private final PeerCalls peers;
  private final RetryGate retries;
  private final ObjectShapes shapes;

  ObjectReader(Targets targets, PeerCalls peers, RetryGate retries, ObjectShapes shapes) {
    this.targets = targets;
    this.peers = peers;
    this.retries = retries;
    this.shapes = shapes;
  }

  /**
   * Reads a range.
   *
   * @return SUCCESS with exactly {@code length} bytes; NO_OBJ only when every replica says so;
   *     INVALID_PARMS outside the object
   */
  CompletionStage<ReadResult> read(ObjectId oid, long offset, int length) {
    return read(oid, offset, length, Supplier::get);
  }

  /** When a replica may be asked. */
  interface Turn {
    /** Asks it, now or later. */
    CompletionStage<ReadResult> take(Supplier<CompletionStage<ReadResult>> asking);
  }

  /** The same; each replica is asked when {@code turn} lets it. */
  CompletionStage<ReadResult> read(ObjectId oid, long offset, int length, Turn turn) {
    ObjectAttributes shape = shapes.of(oid);
    if (shape == null) {
      return CompletableFuture.completedFuture(ReadResult.failed(ResultCode.NO_OBJ));
    }
    if (offset < 0 || length < 0 || length > Limits.MAX_PAYLOAD || offset + length > shape.size()) {
      return CompletableFuture.completedFuture(ReadResult.failed(ResultCode.INVALID_PARMS));
    }
    Reading reading = new Reading(oid, offset, length, shape.copies(), turn);
    reading.start();
    return reading.result;
  }

  /** Reads a range from one given replica, once. */
  CompletionStage<ReadResult> readFrom(Replica replica, ObjectId oid, long offset, int length) {
    Request request =
        Request.of(
            Opcode.PEER_READ,
            RequestFlags.NONE,
            length,
            PeerBody.of(oid, offset, length).withIncarnation(replica.incarnation()));
    return peers
        .send(replica, request, Unpooled.EMPTY_BUFFER)
        .thenApply(reply -> take(reply, length));
  }

  private static ReadResult take(Reply reply, int length) {
    ResultCode code = PeerCalls.codeOf(reply);
    if (code == ResultCode.SUCCESS && reply.payload().readableBytes() == length) {
      return new ReadResult(code, reply.payload());
    }
    reply.release();
    return ReadResult.failed(code == ResultCode.SUCCESS ? ResultCode.EIO : code);
  }

  /** One read, over as many replicas and epochs as it takes. */
  private final class Reading {
    private final ObjectId oid;
    private final long offset;
    private final int length;
    private final int copies;
    private final Turn turn;
    private final CompletableFuture<ReadResult> result = new CompletableFuture<>();
    private List<Replica> order = List.of();
    private ResultCode worst = ResultCode.NO_OBJ;
    private boolean again;
    private int rounds;

    Reading(ObjectId oid, long offset, int length, int copies, Turn turn) {
      this.oid = oid;
      this.offset = offset;
      this.length = length;
      this.copies = copies;
      this.turn = turn;
    }

    void start() {
      if (retries.isClosed()) {
        result.complete(ReadResult.failed(ResultCode.SHUTDOWN));
      } else if (!retries.isOpen()) {
        retry();
      } else {
        order = localFirst(targets.of(oid, copies));
        worst = ResultCode.NO_OBJ;
        again = false;
        if (order.isEmpty()) {
          result.complete(ReadResult.failed(ResultCode.HALT));
        } else {
          ask(0);
        }
      }
    }

    private List<Replica> localFirst(List<Replica> replicas) {
      List<Replica> sorted = new ArrayList<>(replicas);
      sorted.sort((a, b) -> Boolean.compare(targets.isSelf(b), targets.isSelf(a)));
      return sorted;
    }

    private void ask(int index) {
      if (index == order.size()) {
        if (again) {
          retry();
        } else {
          result.complete(ReadResult.failed(worst));
        }
        return;
      }
      Replica replica = order.get(index);
      turn.take(() -> isGone(replica) ? gone() : readFrom(replica, oid, offset, length))
          .whenComplete(
              (read, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else if (read.code() == ResultCode.SUCCESS) {
                  result.complete(read);
                } else {
                  note(read.code());
                  ask(index + 1);
                }
              });
    }

    /** Whether it has gone since the read began: nothing may ever answer there. */
    private boolean isGone(Replica replica) {
      return replica.isMember() && !targets.isMember(replica);
    }

    private static CompletionStage<ReadResult> gone() {
      return CompletableFuture.completedFuture(ReadResult.failed(ResultCode.AGAIN));
    }

    private void note(ResultCode code) {
      if (PeerCalls.isPassing(code)) {
        again = true;
      } else if (code != ResultCode.NO_OBJ) {
        worst = code;
      }
    }

    private void retry() {
      retries.later(rounds++, this::start);
    }
  }
}
