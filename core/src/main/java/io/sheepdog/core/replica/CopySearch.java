package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the newest copy of one object and brings it here.
 *
 * <p>A write reaches every target of its epoch. So it is enough to ask, from the newest epoch back,
 * the targets of each: once a copy is known that is good up to epoch {@code k} and the targets of
 * all later epochs were asked, nobody has a newer one. An epoch none of whose targets is a member
 * any more may have seen a newer version: then the object is unavailable, not old (R6).
 *
 * <p>The search ends at the newest complete epoch: all targets of that one have held the object if
 * it existed then, so a copy that was good only before is of an object that has been removed since.
 */
final class CopySearch {
  private static final int PIECE = 4 << 20;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 << 10).asReadOnlyBuffer();

  private final ClusterView cluster;
  private final ObjectStore store;
  private final LocalCopies copies;
  private final Transport transport;
  private final RecoveryPolicy policy;
  private final ObjectId oid;
  private final Epoch epoch;
  private final @Nullable ObjectAttributes shape;
  private final CompletableFuture<ResultCode> result = new CompletableFuture<>();
  private final Set<NodeAddress> asked = new HashSet<>();
  private Epoch bestEpoch = Epoch.ZERO;
  private @Nullable NodeAddress best;
  private boolean unreachable;
  private boolean failed;

  CopySearch(
      ClusterView cluster,
      ObjectStore store,
      LocalCopies copies,
      ObjectShapes shapes,
      Transport transport,
      RecoveryPolicy policy,
      ObjectId oid) {
    this.cluster = cluster;
    this.store = store;
    this.copies = copies;
    this.transport = transport;
    this.policy = policy;
    this.oid = oid;
    epoch = cluster.servingEpoch();
    shape = shapes.of(oid);
  }

  CompletionStage<ResultCode> run() {
    if (shape == null) {
      result.complete(ResultCode.NO_OBJ);
    } else if (shape.size() > Integer.MAX_VALUE) {
      // objects of 2 GiB do not fit one buffer
      result.complete(ResultCode.NO_SUPPORT);
    } else if (!belongsHere(shape)) {
      // it waited while an epoch began that placed the object elsewhere: a copy made now would miss
      // the writes of this epoch and look as if it had them
      result.complete(ResultCode.OLD_NODE_VER);
    } else {
      look(shape, epoch);
    }
    return result;
  }

  private boolean belongsHere(ObjectAttributes wanted) {
    return cluster.ring(epoch).targets(oid, wanted.copies()).stream().anyMatch(cluster::isSelf);
  }

  private void look(ObjectAttributes wanted, Epoch tier) {
    if (bestEpoch.compareTo(tier) >= 0) {
      bring(wanted);
      return;
    }
    EpochRecord record = cluster.state().epochRecord(tier);
    List<NodeAddress> targets =
        record == null ? List.of() : cluster.ring(tier).targets(oid, wanted.copies());
    List<NodeAddress> present = new ArrayList<>();
    for (NodeAddress target : targets) {
      if (record != null && isMember(record, target)) {
        present.add(target);
      }
    }
    if (!targets.isEmpty() && present.isEmpty() && policy.waitsForNewestCopy()) {
      result.complete(ResultCode.NETWORK_ERROR);
      return;
    }
    present.removeIf(target -> !asked.add(target));
    ask(present, () -> decide(wanted, tier));
  }

  private void decide(ObjectAttributes wanted, Epoch tier) {
    boolean isFound = best != null && !policy.asksEveryLaterEpoch();
    if (bestEpoch.compareTo(tier) >= 0 || isFound) {
      bring(wanted);
    } else if (unreachable) {
      result.complete(ResultCode.NETWORK_ERROR);
    } else if (failed) {
      result.complete(ResultCode.EIO);
    } else if (tier.equals(cluster.state().recovery().complete())) {
      result.complete(ResultCode.NO_OBJ);
    } else {
      look(wanted, new Epoch(tier.value() - 1));
    }
  }

  /** Whether the node of that epoch is a member now, with the same store (R2). */
  private boolean isMember(EpochRecord record, NodeAddress address) {
    for (EpochNode node : record.nodes()) {
      if (node.node().address().equals(address)) {
        for (Member member : cluster.state().members().values()) {
          if (member.node().address().equals(address) && member.storeId() == node.storeId()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private void ask(List<NodeAddress> nodes, Runnable then) {
    if (nodes.isEmpty()) {
      then.run();
      return;
    }
    int[] open = {nodes.size()};
    for (NodeAddress node : nodes) {
      piece(node, 0, 0)
          .whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                  return;
                }
                answer.data().release();
                note(node, answer);
                if (--open[0] == 0) {
                  then.run();
                }
              });
    }
  }

  private void note(NodeAddress node, Answer answer) {
    switch (answer.code()) {
      case SUCCESS -> {
        if (answer.lastValid().isNewerThan(bestEpoch)) {
          bestEpoch = answer.lastValid();
          best = node;
        }
      }
      case NO_OBJ -> {}
      case EIO, SYSTEM_ERROR -> failed = true;
      default -> unreachable = true;
    }
  }

  private void bring(ObjectAttributes wanted) {
    NodeAddress source = best;
    if (source == null) {
      result.complete(ResultCode.NO_OBJ);
    } else {
      pull(wanted, source, Unpooled.compositeBuffer(Integer.MAX_VALUE));
    }
  }

  private void pull(ObjectAttributes wanted, NodeAddress source, CompositeByteBuf whole) {
    int have = whole.readableBytes();
    int length = (int) Math.min(PIECE, wanted.size() - have);
    if (length == 0) {
      keep(wanted, whole);
      return;
    }
    piece(source, have, length)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                whole.release();
                result.completeExceptionally(failure);
              } else if (answer.code() != ResultCode.SUCCESS
                  || !answer.lastValid().equals(bestEpoch)
                  || answer.data().readableBytes() != length) {
                answer.data().release();
                whole.release();
                result.complete(
                    answer.code() == ResultCode.EIO ? ResultCode.EIO : ResultCode.NETWORK_ERROR);
              } else {
                whole.addComponent(true, answer.data());
                pull(wanted, source, whole);
              }
            });
  }

  private void keep(ObjectAttributes wanted, ByteBuf whole) {
    // most of an inode is zero: what is not written stays a hole
    ObjectAttributes attributes =
        new ObjectAttributes(wanted.size(), wanted.copies(), wanted.copyPolicy(), epoch);
    ByteBuf content = whole.slice(0, lengthWithoutZeros(whole));
    CompletionStage<StoreStatus> stored =
        oid.kind() == ObjectKind.INODE
            ? store.createFromReserve(oid, attributes, 0, content)
            : store.create(oid, attributes, 0, content);
    stored.whenComplete(
        (status, failure) -> {
          whole.release();
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          if (status == StoreStatus.OK) {
            copies.created(oid, epoch);
          }
          result.complete(ReplicaService.toResult(status));
        });
  }

  /** Length without the zeros at the end; in large pieces, because inodes end in megabytes. */
  private static int lengthWithoutZeros(ByteBuf whole) {
    int end = whole.readerIndex() + whole.readableBytes();
    while (end > whole.readerIndex()) {
      int length = Math.min(ZEROS.capacity(), end - whole.readerIndex());
      int start = end - length;
      if (whole.nioBuffer(start, length).mismatch(ZEROS.slice(0, length)) >= 0) {
        return whole.forEachByteDesc(start, length, ByteProcessor.FIND_NON_NUL)
            + 1
            - whole.readerIndex();
      }
      end = start;
    }
    return 0;
  }

  /**
   * What a node says of its best copy.
   *
   * @param data owned by the receiver
   */
  private record Answer(ResultCode code, Epoch lastValid, ByteBuf data) {}

  private CompletionStage<Answer> piece(NodeAddress node, int offset, int length) {
    if (cluster.isSelf(node)) {
      return copies.best(oid, offset, length).thenApply(CopySearch::toAnswer);
    }
    Request request =
        Request.of(Opcode.PEER_FETCH, RequestFlags.NONE, length, PeerBody.of(oid, offset, length))
            .withEpoch(epoch);
    return transport.send(node, request, Unpooled.EMPTY_BUFFER).thenApply(CopySearch::toAnswer);
  }

  private static Answer toAnswer(LocalCopies.Piece piece) {
    ReadOutcome read = piece.data();
    return new Answer(
        ReplicaService.toResult(read.status()), piece.validity().lastValid(), read.data());
  }

  private static Answer toAnswer(Reply reply) {
    ResultCode code = reply.header().resultCode();
    Epoch lastValid =
        reply.header().body() instanceof PeerReply body ? new Epoch((int) body.aux()) : Epoch.ZERO;
    return new Answer(code == null ? ResultCode.SYSTEM_ERROR : code, lastValid, reply.payload());
  }
}
