package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.NodeControl;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.MdInfo;
import io.sheepdog.protocol.payload.MdInfo.DiskInfo;
import io.sheepdog.protocol.payload.SheepStat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What this node is and does: capacity, counters, log level. */
final class NodeReports {
  private static final byte[] STORE_LIST = "tree plain ".getBytes(StandardCharsets.US_ASCII);
  private static final int STORE_LIST_ROOM = 512;
  private static final int MAX_LOG_LEVEL = 7;

  private final ClusterAgent agent;
  private final ObjectStore objects;
  private final NodeControl control;
  private final RequestCounters counters;
  private final Answers answers;

  NodeReports(
      ClusterAgent agent,
      ObjectStore objects,
      NodeControl control,
      RequestCounters counters,
      Answers answers) {
    this.agent = agent;
    this.objects = objects;
    this.control = control;
    this.counters = counters;
    this.answers = answers;
  }

  /** STAT_SHEEP; a gateway has no store, and a disk that has failed no room. */
  CompletionStage<Reply> capacity(Request request) {
    boolean isGateway = agent.self().node().space() == 0 || objects.failure() != null;
    return objects
        .space()
        .thenApply(
            space -> isGateway ? NodeReply.EMPTY : new NodeReply(0, space.total(), space.free()))
        .thenCompose(body -> answers.header(request, ResultCode.SUCCESS, body));
  }

  /** GET_STORE_LIST. */
  CompletionStage<Reply> stores(Request request) {
    return request.replyRoom() < STORE_LIST_ROOM
        ? answers.code(request, ResultCode.INVALID_PARMS)
        : answers.payload(
            request,
            ResultCode.SUCCESS,
            NoBody.INSTANCE,
            STORE_LIST.length,
            out -> out.writeBytes(STORE_LIST));
  }

  /** MD_INFO: one disk, unless this is a gateway; one that has failed has no room, and says so. */
  CompletionStage<Reply> disks(Request request) {
    if (objects.failure() != null) {
      List<DiskInfo> failed =
          List.of(new DiskInfo(0, 0, 0, control.objectDirectory() + " has failed"));
      return answers.structure(request, MdInfo.SIZE, new MdInfo(failed)::encode);
    }
    boolean isGateway = agent.self().node().space() == 0;
    return objects
        .space()
        .thenCompose(
            space ->
                answers.structure(
                    request,
                    MdInfo.SIZE,
                    new MdInfo(
                            isGateway
                                ? List.of()
                                : List.of(
                                    new DiskInfo(
                                        0,
                                        space.free(),
                                        space.total() - space.free(),
                                        control.objectDirectory())))
                        ::encode));
  }

  /** STAT. */
  CompletionStage<Reply> statistics(Request request) {
    return answers.structure(request, SheepStat.SIZE, counters.statistics()::encode);
  }

  /** GET_LOGLEVEL. */
  CompletionStage<Reply> logLevel(Request request) {
    return answers.structure(request, Integer.BYTES, out -> out.writeIntLE(control.logLevel()));
  }

  /** SET_LOGLEVEL. */
  CompletionStage<Reply> setLogLevel(Request request, ByteBuf payload) {
    int level =
        payload.readableBytes() == Integer.BYTES ? payload.getIntLE(payload.readerIndex()) : -1;
    if (level < 0 || level > MAX_LOG_LEVEL) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    control.setLogLevel(level);
    return answers.code(request, ResultCode.SUCCESS);
  }

  /** KILL_NODE. */
  CompletionStage<Reply> kill(Request request) {
    control.kill();
    return answers.code(request, ResultCode.SUCCESS);
  }
}
