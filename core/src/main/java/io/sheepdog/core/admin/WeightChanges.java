package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.cluster.DiskSize;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.StoreSpace;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Other weights for members of a running cluster; answered when a majority has begun the epoch with
 * them. Recovery moves the objects afterwards.
 */
final class WeightChanges {
  private final ClusterAgent agent;
  private final ObjectStore objects;
  private final Transport transport;
  private final Answers answers;

  WeightChanges(ClusterAgent agent, ObjectStore objects, Transport transport, Answers answers) {
    this.agent = agent;
    this.objects = objects;
    this.transport = transport;
    this.answers = answers;
  }

  /**
   * REWEIGHT: asks all members how large their disks are now, and tells all in one event. If one
   * does not say nothing changes: its weight against those of the others would be a guess.
   */
  CompletionStage<Reply> reweigh(Request request) {
    ClusterConfig config = agent.state().config();
    if (config == null || !config.isAutomatic()) {
      return answers.code(request, ResultCode.INVALID_VNODES_STRATEGY);
    }
    List<Member> asked =
        agent.state().syncedMembers().stream().filter(member -> member.node().space() > 0).toList();
    CompletionStage<List<DiskSize>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (Member member : asked) {
      all = all.thenCombine(sizeOf(member), WeightChanges::with);
    }
    return all.thenCompose(sizes -> announce(request, asked, sizes));
  }

  private static List<DiskSize> with(List<DiskSize> sizes, @Nullable DiskSize size) {
    if (size != null) {
      sizes.add(size);
    }
    return sizes;
  }

  private CompletionStage<Reply> announce(
      Request request, List<Member> asked, List<DiskSize> sizes) {
    if (sizes.size() < asked.size()) {
      return answers.code(request, ResultCode.NETWORK_ERROR);
    }
    List<DiskSize> changed = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      if (sizes.get(i).isAnotherThan(asked.get(i).node().space())) {
        changed.add(sizes.get(i));
      }
    }
    return agent
        .proposeAndConfirm(new Reweigh(changed), Extent.QUORUM)
        .thenCompose(applied -> answers.code(request, code(applied)));
  }

  /** Null if it does not say. */
  private CompletionStage<@Nullable DiskSize> sizeOf(Member member) {
    if (agent.isSelf(member.id())) {
      return objects
          .space()
          .thenApply(StoreSpace::total)
          .thenApply(bytes -> new DiskSize(member.id(), objects.failure() == null ? bytes : 0));
    }
    Request question = Request.of(Opcode.STAT_SHEEP, RawBody.EMPTY);
    return transport
        .send(member.node().address(), question, Unpooled.EMPTY_BUFFER)
        .thenApply(
            reply -> {
              reply.release();
              boolean isAnswer =
                  reply.header().isSuccess() && reply.header().body() instanceof NodeReply;
              return isAnswer
                  ? new DiskSize(member.id(), ((NodeReply) reply.header().body()).storeSize())
                  : null;
            });
  }

  /** SET_VNODES; version 1.0's tool sends four bytes too many. */
  CompletionStage<Reply> setVnodes(Request request, ByteBuf payload) {
    int vnodes =
        payload.readableBytes() < Integer.BYTES ? 0 : payload.getIntLE(payload.readerIndex());
    return agent
        .proposeAndConfirm(new SetVnodes(vnodes), Extent.QUORUM)
        .thenCompose(applied -> answers.code(request, code(applied)));
  }

  /** GET_VNODES: as many as this node has in the newest epoch. */
  CompletionStage<Reply> vnodes(Request request) {
    int vnodes =
        agent.state().presentNodes().stream()
            .filter(node -> node.isSame(agent.self()))
            .mapToInt(node -> node.node().vnodes())
            .sum();
    return answers.structure(request, Integer.BYTES, out -> out.writeIntLE(vnodes));
  }

  private static ResultCode code(Applied applied) {
    return applied.outcome() instanceof Outcome.Refused refused
        ? refused.code()
        : ResultCode.SUCCESS;
  }
}
