package io.sheepdog.core.admin;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.ClusterDefaultReply;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.ClusterInfoPayload;
import io.sheepdog.protocol.payload.ClusterStatus;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.pcollections.PVector;

/** What the cluster is: nodes, epochs, configuration (spec/wire-protocol.md section 6.4). */
final class ClusterReports {
  /** The name that v1.0 knows our kind of store by: one file per object in one directory. */
  static final String STORE_NAME = "plain";

  private final ClusterAgent agent;
  private final Answers answers;

  ClusterReports(ClusterAgent agent, Answers answers) {
    this.agent = agent;
    this.answers = answers;
  }

  /** GET_NODE_LIST. */
  CompletionStage<Reply> nodeList(Request request) {
    if (!agent.synced()) {
      return answers.header(request, ResultCode.SUCCESS, NodeReply.EMPTY);
    }
    ClusterState state = agent.state();
    List<NodeEntry> nodes = entries(state.presentNodes());
    Member oldest = state.oldest();
    NodeReply body =
        new NodeReply(
            nodes.size(),
            indexOf(nodes, agent.self()),
            oldest == null ? 0 : indexOf(nodes, oldest),
            0,
            0);
    return answers.list(
        request,
        body,
        (long) nodes.size() * NodeEntry.SIZE,
        out -> nodes.forEach(node -> node.encode(out)));
  }

  private static int indexOf(List<NodeEntry> nodes, Member member) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).address().equals(member.node().address())) {
        return i;
      }
    }
    return 0;
  }

  private static List<NodeEntry> entries(List<EpochNode> nodes) {
    return nodes.stream().map(EpochNode::node).toList();
  }

  /**
   * GET_CLUSTER_DEFAULT; zeros would make QEMU believe that no image fits (spec/client-behaviour.md
   * section 1.7).
   */
  CompletionStage<Reply> defaults(Request request) {
    ClusterConfig config = agent.state().config();
    return config == null
        ? answers.code(request, ResultCode.WAIT_FOR_FORMAT)
        : answers.header(
            request,
            ResultCode.SUCCESS,
            new ClusterDefaultReply(config.copies(), config.copyPolicy(), config.blockSizeShift()));
  }

  /** STAT_CLUSTER: the newest epochs, as many as fit; the result says what the cluster does. */
  CompletionStage<Reply> status(Request request) {
    if (!(request.body() instanceof ClusterBody body) || body.nodeSlots() > Limits.MAX_NODES) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    if (!agent.synced()) {
      return answers.code(request, ResultCode.STARTUP);
    }
    ClusterState state = agent.state();
    int slots = (int) body.nodeSlots();
    int entrySize = EpochLogEntry.size(slots);
    PVector<EpochRecord> history = state.history();
    int count = Math.min(request.replyRoom() / entrySize, history.size());
    List<EpochLogEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      EpochRecord record = history.get(history.size() - 1 - i);
      if (slots != 0 && record.nodes().size() > slots) {
        return answers.code(request, ResultCode.BUFFER_SMALL);
      }
      entries.add(entry(state, record, i == 0, slots == 0));
    }
    return answers.payload(
        request,
        state.status().code(),
        NoBody.INSTANCE,
        count * entrySize,
        out -> entries.forEach(entry -> entry.encode(out, slots)));
  }

  /**
   * Only the newest entry carries the configuration; without node slots an entry says nothing of
   * nodes and time.
   */
  private static EpochLogEntry entry(
      ClusterState state, EpochRecord record, boolean isNewest, boolean isBare) {
    ClusterConfig config = isNewest ? state.config() : null;
    return new EpochLogEntry(
        config == null ? SheepTime.NONE : config.ctime(),
        isBare ? 0 : record.time().seconds(),
        record.epoch(),
        isNewest && state.recovery().paused(),
        config == null ? 0 : config.copies(),
        config == null ? 0 : config.copyPolicy(),
        config == null ? 0 : config.flags(),
        config == null ? "" : STORE_NAME,
        isBare ? List.of() : entries(record.nodes()));
  }

  /** CLUSTER_INFO. */
  CompletionStage<Reply> info(Request request) {
    ClusterState state = agent.state();
    ClusterConfig config = state.config();
    EpochRecord newest = state.newestEpoch();
    ClusterInfoPayload info =
        new ClusterInfoPayload(
            ProtocolVersion.INTERNAL,
            state.recovery().paused(),
            state.epoch(),
            config == null ? SheepTime.NONE : config.ctime(),
            config == null ? ClusterFlags.AUTO_VNODES : config.flags(),
            config == null ? 0 : config.copies(),
            config == null ? 0 : config.copyPolicy(),
            wireStatus(state),
            config == null ? 0 : config.blockSizeShift(),
            config == null ? "" : STORE_NAME,
            newest == null ? List.of() : entries(newest.nodes()));
    return answers.structure(request, ClusterInfoPayload.SIZE, info::encode);
  }

  private static ClusterStatus wireStatus(ClusterState state) {
    return switch (state.status()) {
      case WAIT_FORMAT, WAIT_JOIN, STARTING -> ClusterStatus.WAIT;
      case RUNNING -> ClusterStatus.OK;
      case SHUTDOWN -> ClusterStatus.SHUTDOWN;
    };
  }

  /** GET_EPOCH: the nodes of an epoch, then its time. */
  CompletionStage<Reply> epoch(Request request) {
    if (!(request.body() instanceof ObjectBody body)) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    Epoch epoch = body.targetEpoch();
    EpochRecord record = agent.state().epochRecord(epoch);
    if (record == null) {
      return answers.code(request, ResultCode.NO_TAG);
    }
    List<NodeEntry> nodes = entries(record.nodes());
    return answers.list(
        request,
        NoBody.INSTANCE,
        (long) nodes.size() * NodeEntry.SIZE + Long.BYTES,
        out -> {
          nodes.forEach(node -> node.encode(out));
          out.writeLongLE(record.time().seconds());
        });
  }
}
