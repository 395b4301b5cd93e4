package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * Logs administrative requests when they come in and when they are answered
 * (spec/cli-sheep-daemon.md section 5).
 */
final class AdminLog {
  private static final Set<Opcode> ADMIN =
      EnumSet.of(
          Opcode.NEW_VDI,
          Opcode.DEL_VDI,
          Opcode.MAKE_FS,
          Opcode.SHUTDOWN,
          Opcode.FORCE_RECOVER,
          Opcode.KILL_NODE,
          Opcode.ENABLE_RECOVER,
          Opcode.DISABLE_RECOVER,
          Opcode.MD_PLUG,
          Opcode.MD_UNPLUG,
          Opcode.REWEIGHT,
          Opcode.ALTER_CLUSTER_COPY,
          Opcode.ALTER_VDI_COPY);

  private AdminLog() {}

  static void received(String client, Request request, ByteBuf payload) {
    Opcode operation = request.operation();
    if (operation != null && ADMIN.contains(operation)) {
      NetEvent.ADMIN_REQUEST.log(
          "op={} client={} id={} data=\"{}\"", operation, client, request.id(), name(payload));
    }
  }

  static void answered(String client, Request request, Response response) {
    Opcode operation = request.operation();
    if (operation != null && ADMIN.contains(operation)) {
      NetEvent.ADMIN_REPLY.log(
          "op={} client={} id={} result={}",
          operation,
          client,
          request.id(),
          String.format("%02X", response.result()));
    }
  }

  /** The name at the start of a payload, with anything that could break the line replaced. */
  private static String name(ByteBuf payload) {
    int length = payload.bytesBefore(Math.min(payload.readableBytes(), Limits.NAME_SIZE), (byte) 0);
    if (length < 0) {
      length = Math.min(payload.readableBytes(), Limits.NAME_SIZE);
    }
    return payload
        .toString(payload.readerIndex(), length, StandardCharsets.UTF_8)
        .replaceAll("[\\p{Cntrl}\"]", "?");
  }
}
