package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.NodeControl;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.recovery.Recovery;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.concurrent.CompletionStage;

/**
 * Answers requests about the node and the cluster (spec/wire-protocol.md section 6). What v1.0 has
 * and we have not is answered with NO_SUPPORT.
 */
public final class AdminRequests {
  private final Answers answers;
  private final ClusterReports cluster;
  private final ClusterChanges changes;
  private final ForcedStarts forcedStarts;
  private final CopiesChanges copies;
  private final WeightChanges weights;
  private final VdiReports vdis;
  private final NodeReports node;
  private final RecoveryRequests recoveries;

  /** Creates the service of a node. */
  public AdminRequests(
      ClusterAgent agent,
      Platform platform,
      NodeControl control,
      RequestCounters counters,
      Recovery recovery) {
    answers = new Answers(agent);
    cluster = new ClusterReports(agent, answers);
    changes = new ClusterChanges(agent, platform.clock(), answers);
    forcedStarts = new ForcedStarts(agent, answers);
    copies = new CopiesChanges(agent, answers);
    vdis = new VdiReports(agent, answers);
    weights = new WeightChanges(agent, platform.objects(), platform.transport(), answers);
    node = new NodeReports(agent, platform.objects(), control, counters, answers);
    recoveries = new RecoveryRequests(recovery, answers);
  }

  /**
   * Carries out a request.
   *
   * @param payload what followed the header; not consumed
   * @return the reply, whose payload the receiver owns; never longer than the request has room for
   */
  public CompletionStage<Reply> handle(Request request, ByteBuf payload) {
    Opcode opcode = request.operation();
    if (opcode == null) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    return switch (opcode) {
      case READ_VDIS -> vdis.inUse(request);
      case READ_DEL_VDIS -> vdis.deleted(request);
      case GET_VDI_COPIES -> vdis.states(request);
      case GET_CLUSTER_DEFAULT -> cluster.defaults(request);
      case GET_NODE_LIST -> cluster.nodeList(request);
      case STAT_CLUSTER -> cluster.status(request);
      case CLUSTER_INFO -> cluster.info(request);
      case GET_EPOCH -> cluster.epoch(request);
      case MAKE_FS -> changes.format(request, payload);
      case SHUTDOWN -> changes.shutdown(request);
      case FORCE_RECOVER -> forcedStarts.handle(request);
      case ALTER_VDI_COPY -> copies.ofVdi(request);
      case ALTER_CLUSTER_COPY -> copies.ofCluster(request);
      case REWEIGHT -> weights.reweigh(request);
      case SET_VNODES -> weights.setVnodes(request, payload);
      case GET_VNODES -> weights.vnodes(request);
      case STAT_SHEEP -> node.capacity(request);
      case GET_STORE_LIST -> node.stores(request);
      case STAT_RECOVERY -> recoveries.progress(request);
      case ENABLE_RECOVER -> changes.pauseRecovery(request, false);
      case DISABLE_RECOVER -> changes.pauseRecovery(request, true);
      case GET_RECOVERY -> recoveries.throttle(request);
      case SET_RECOVERY -> recoveries.setThrottle(request, payload);
      case MD_INFO -> node.disks(request);
      case VDI_LOCKS -> vdis.locks(request);
      case STAT -> node.statistics(request);
      case GET_LOGLEVEL -> node.logLevel(request);
      case SET_LOGLEVEL -> node.setLogLevel(request, payload);
      case KILL_NODE -> node.kill(request);
      case FLUSH_DEL_CACHE, DELETE_CACHE -> answers.code(request, ResultCode.SUCCESS);
      default -> answers.code(request, ResultCode.NO_SUPPORT);
    };
  }
}
