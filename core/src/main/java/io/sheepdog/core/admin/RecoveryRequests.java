package io.sheepdog.core.admin;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.recovery.Recovery;
import io.sheepdog.core.recovery.RecoveryProgress;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.RecoveryStatePayload;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.util.concurrent.CompletionStage;

/** {@code node recovery}: progress and throttle of this node. */
final class RecoveryRequests {
  private final Recovery recovery;
  private final Answers answers;

  RecoveryRequests(Recovery recovery, Answers answers) {
    this.recovery = recovery;
    this.answers = answers;
  }

  /** STAT_RECOVERY. */
  CompletionStage<Reply> progress(Request request) {
    RecoveryProgress progress = recovery.progress();
    RecoveryStatePayload state =
        new RecoveryStatePayload(
            progress.running(),
            progress.heldBack(),
            progress.phase(),
            progress.finished(),
            progress.total());
    return answers.structure(request, RecoveryStatePayload.SIZE, state::encode);
  }

  /** GET_RECOVERY. */
  CompletionStage<Reply> throttle(Request request) {
    return answers.structure(request, RecoveryThrottle.SIZE, recovery.throttle()::encode);
  }

  /** SET_RECOVERY; the throttle applies if both numbers are above zero. */
  CompletionStage<Reply> setThrottle(Request request, ByteBuf payload) {
    if (payload.readableBytes() != RecoveryThrottle.SIZE) {
      return answers.code(request, ResultCode.INVALID_PARMS);
    }
    RecoveryThrottle wanted = RecoveryThrottle.decode(payload.duplicate());
    recovery.setThrottle(wanted.maxExecCount(), wanted.intervalMillis());
    return answers.code(request, ResultCode.SUCCESS);
  }
}
