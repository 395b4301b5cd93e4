package io.sheepdog.core.replica;

import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
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
 * any more may have seen a newer version: then the object is unavailable, not old (R6), unless an
 * operator has given up those who were away ({@link ClusterState#lastForced}). A target whose copy
 * cannot be read is like one that is gone.
 *
 * <p>The search ends at the newest complete epoch: all targets of that one have held the object if
 * it existed then, so a copy that was good only before is of an object that has been removed since.
 */
final class CopySearch {
  private final CopyTransfer.Tools tools;
  private final ClusterView cluster;
  private final RecoveryPolicy policy;
  private final ObjectId oid;
  private final Epoch epoch;
  private final @Nullable ObjectAttributes shape;
  private final CompletableFuture<ResultCode> result = new CompletableFuture<>();
  private final Set<NodeAddress> asked = new HashSet<>();
  private Epoch bestEpoch = Epoch.ZERO;
  private final List<NodeAddress> best = new ArrayList<>();
  private boolean unreachable;

  /** Whose copies cannot be read: like nodes that are gone. */
  private final Set<NodeAddress> broken = new HashSet<>();

  CopySearch(CopyTransfer.Tools tools, RecoveryPolicy policy, ObjectId oid) {
    this.tools = tools;
    this.cluster = tools.cluster();
    this.policy = policy;
    this.oid = oid;
    epoch = cluster.servingEpoch();
    shape = tools.shapes().of(oid);
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
        record == null
            ? List.of()
            : cluster.ring(tier).targets(oid, tools.shapes().copiesIn(oid, tier));
    List<NodeAddress> present = new ArrayList<>();
    for (NodeAddress target : targets) {
      if (record != null && isMember(record, target)) {
        present.add(target);
      }
    }
    boolean areGivenUp = cluster.state().lastForced().isNewerThan(tier);
    if (!targets.isEmpty() && present.isEmpty() && !areGivenUp && policy.waitsForNewestCopy()) {
      result.complete(ResultCode.NETWORK_ERROR);
      return;
    }
    boolean isWhole = present.size() == targets.size();
    List<NodeAddress> unasked = present.stream().filter(asked::add).toList();
    ask(unasked, () -> decide(wanted, tier, present, isWhole));
  }

  private void decide(
      ObjectAttributes wanted, Epoch tier, List<NodeAddress> present, boolean isWhole) {
    boolean isFound = !best.isEmpty() && !policy.asksEveryLaterEpoch();
    if (bestEpoch.compareTo(tier) >= 0 || isFound) {
      bring(wanted);
    } else if (unreachable) {
      result.complete(ResultCode.NETWORK_ERROR);
    } else if (!present.isEmpty() && broken.containsAll(present)) {
      // who is away may have it
      result.complete(isWhole ? ResultCode.EIO : ResultCode.NETWORK_ERROR);
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
      tools
          .pieces()
          .of(node, oid, epoch, 0, 0)
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

  private void note(NodeAddress node, CopyPieces.Answer answer) {
    switch (answer.code()) {
      case SUCCESS -> {
        if (answer.lastValid().isNewerThan(bestEpoch)) {
          bestEpoch = answer.lastValid();
          best.clear();
        }
        if (answer.lastValid().equals(bestEpoch) && !bestEpoch.isZero()) {
          best.add(node);
        }
      }
      case NO_OBJ -> {}
      case EIO, SYSTEM_ERROR -> broken.add(node);
      default -> unreachable = true;
    }
  }

  private void bring(ObjectAttributes wanted) {
    if (best.isEmpty()) {
      result.complete(ResultCode.NO_OBJ);
      return;
    }
    new CopyTransfer(tools, oid, wanted.in(epoch), List.copyOf(best), bestEpoch)
        .run()
        .whenComplete(
            (code, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(code);
              }
            });
  }
}
