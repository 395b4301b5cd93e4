package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;

/** Collects the bytes of replies, to be sent in pieces or damaged. */
final class ByteRecorder {
  private final ByteBuf recorded = Unpooled.buffer();

  void reply(Request request, byte[] payload) {
    ResponseCodec.encode(
        Response.to(request, new Epoch(1), ResultCode.SUCCESS).withDataLength(payload.length),
        recorded);
    recorded.writeBytes(payload);
  }

  byte[] bytes() {
    return ByteBufUtil.getBytes(recorded);
  }
}
