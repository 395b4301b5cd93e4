package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Applied;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.spi.Clock;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.BlockSizeShift;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.SheepTime;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Requests that change the cluster as a whole: format, shutdown, and the switch of recovery. */
final class ClusterChanges {
  private static final int DEFAULT_COPIES = 3;
  private static final int DEFAULT_SHIFT = 22;
  private static final int MAX_STORE_NAME = 16;

  /** Names of v1.0's back ends; both mean our one way of storing objects. */
  private static final Set<String> STORE_NAMES = Set.of("plain", "tree");

  /** What v1.0 can do and we do not: vnodes per disk, and giving vids away twice (R15). */
  private static final int UNSUPPORTED_FLAGS = ClusterFlags.DISKMODE | ClusterFlags.RECYCLE_VID;

  private final ClusterAgent agent;
  private final Clock clock;
  private final Answers answers;

  ClusterChanges(ClusterAgent agent, Clock clock, Answers answers) {
    this.agent = agent;
    this.clock = clock;
    this.answers = answers;
  }

  /** MAKE_FS: destroys everything and begins epoch 1; answered when a majority has that on disk. */
  CompletionStage<Reply> format(Request request, ByteBuf payload) {
    if (!(request.body() instanceof ClusterBody body)) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    int copies = body.copies() == 0 ? DEFAULT_COPIES : body.copies();
    int shift = body.blockSizeShift() == 0 ? DEFAULT_SHIFT : body.blockSizeShift();
    if (copies > Limits.MAX_COPIES || body.copyPolicy() != 0 || !BlockSizeShift.isValid(shift)) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    if ((body.flags() & UNSUPPORTED_FLAGS) != 0) {
      return answers.code(request, ResultCode.NO_SUPPORT);
    }
    if (!STORE_NAMES.contains(storeName(payload))) {
      return answers.code(request, ResultCode.NO_STORE);
    }
    SheepTime now = clock.wallTime();
    SheepTime ctime = body.creationTime() == 0 ? now : new SheepTime(body.creationTime());
    ClusterConfig config = new ClusterConfig(ctime, copies, body.copyPolicy(), shift, body.flags());
    return agent
        .proposeAndConfirm(new Format(config, now), Extent.QUORUM)
        .thenCompose(applied -> answers.code(request, code(applied)));
  }

  private static String storeName(ByteBuf payload) {
    int length = Math.min(payload.readableBytes(), MAX_STORE_NAME);
    int end = payload.bytesBefore(payload.readerIndex(), length, (byte) 0);
    return payload.toString(
        payload.readerIndex(), end < 0 ? length : end, StandardCharsets.US_ASCII);
  }

  /** SHUTDOWN: the members end by themselves, so nobody is waited for. */
  CompletionStage<Reply> shutdown(Request request) {
    return agent
        .propose(new Shutdown())
        .thenCompose(applied -> answers.code(request, code(applied)));
  }

  /** ENABLE_RECOVER, DISABLE_RECOVER: answered when a majority knows. */
  CompletionStage<Reply> pauseRecovery(Request request, boolean paused) {
    return agent
        .proposeAndConfirm(new RecoverySwitch(paused), Extent.QUORUM)
        .thenCompose(applied -> answers.code(request, code(applied)));
  }

  private static ResultCode code(Applied applied) {
    return applied.outcome() instanceof Outcome.Refused refused
        ? refused.code()
        : ResultCode.SUCCESS;
  }
}
