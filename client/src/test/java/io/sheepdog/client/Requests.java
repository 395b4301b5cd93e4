package io.sheepdog.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.Random;

/** Requests and payloads for tests. */
final class Requests {
  private Requests() {}

  static Request read(int length) {
    return Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, body());
  }

  static Request write(int length) {
    return Request.of(Opcode.WRITE_OBJ, RequestFlags.WRITE, length, body());
  }

  private static ObjectBody body() {
    return new ObjectBody(
        new ObjectId(0x0015d16700000001L), new ObjectId(0), 0, 0, 0, Epoch.ZERO, 0);
  }

  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** The payload of a reply, which is released. */
  static byte[] take(Reply reply) {
    ByteBuf payload = reply.payload();
    try {
      return ByteBufUtil.getBytes(payload);
    } finally {
      reply.release();
    }
  }
}
