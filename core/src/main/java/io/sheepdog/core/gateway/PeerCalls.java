package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ReplicaService;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reaches a replica, wherever it is: this node's own without a hop. */
final class PeerCalls {
  private final Targets targets;
  private final ReplicaService local;
  private final Transport transport;

  PeerCalls(Targets targets, ReplicaService local, Transport transport) {
    this.targets = targets;
    this.local = local;
    this.transport = transport;
  }

  /**
   * Sends a request in the present epoch; a node that is no member is not reached, and one whose
   * own membership has ended reaches nobody (NETWORK_ERROR).
   */
  CompletionStage<Reply> send(Replica replica, Request request, ByteBuf payload) {
    Request stamped = request.withEpoch(targets.epoch());
    if (!replica.isMember() || !targets.areOurs()) {
      Response header = Response.to(stamped, targets.epoch(), ResultCode.NETWORK_ERROR);
      return CompletableFuture.completedFuture(new Reply(header, Unpooled.EMPTY_BUFFER));
    }
    return targets.isSelf(replica)
        ? local.handle(stamped, payload)
        : transport.send(replica.address(), stamped, payload);
  }

  /**
   * Whether a newer epoch, or a little time, may bring another answer; clients never see such a
   * code.
   */
  static boolean isPassing(ResultCode code) {
    return switch (code) {
      case OLD_NODE_VER,
          NEW_NODE_VER,
          NETWORK_ERROR,
          WAIT_FOR_FORMAT,
          WAIT_FOR_JOIN,
          KILLED,
          AGAIN,
          SHUTDOWN,
          STARTUP ->
          true;
      default -> false;
    };
  }

  /** Whether a replica that answers so has certainly not carried out what it was asked for. */
  static boolean isUntouched(ResultCode code) {
    return switch (code) {
      case OLD_NODE_VER,
          NEW_NODE_VER,
          WAIT_FOR_FORMAT,
          WAIT_FOR_JOIN,
          STARTUP,
          SHUTDOWN,
          AGAIN,
          NO_OBJ,
          STALE_OBJ,
          VDI_LOCKED ->
          true;
      default -> false;
    };
  }

  /** The result of a reply as a value. */
  static ResultCode codeOf(Reply reply) {
    ResultCode code = reply.header().resultCode();
    return code == null ? ResultCode.SYSTEM_ERROR : code;
  }
}
