package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.SequenceBody;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Fetches something long from a peer, piece by piece; null when the peer cannot give it (now). */
final class Pull {
  /** Longest thing that is accepted, in bytes. */
  static final long MAX_TOTAL = 1L << 30;

  private static final int PIECE = 1 << 20;

  private final Transport transport;
  private final NodeAddress from;
  private final Opcode opcode;
  private final CompletableFuture<@Nullable ByteBuf> result = new CompletableFuture<>();
  private final ByteBuf received = Unpooled.buffer();

  private Pull(Transport transport, NodeAddress from, Opcode opcode) {
    this.transport = transport;
    this.from = from;
    this.opcode = opcode;
  }

  /** Starts at that sequence number; the receiver of the stage owns the buffer. */
  static CompletionStage<@Nullable ByteBuf> of(
      Transport transport, NodeAddress from, Opcode opcode, long sequence) {
    Pull pull = new Pull(transport, from, opcode);
    pull.ask(sequence);
    return pull.result;
  }

  private void ask(long sequence) {
    SequenceBody body = new SequenceBody(sequence, received.readableBytes(), 0);
    transport
        .send(from, Request.of(opcode, RequestFlags.NONE, PIECE, body), Unpooled.EMPTY_BUFFER)
        .thenAccept(this::answered);
  }

  private void answered(Reply reply) {
    try {
      if (!reply.header().isSuccess() || !(reply.header().body() instanceof PeerReply peer)) {
        giveUp();
        return;
      }
      int length = reply.payload().readableBytes();
      long total = peer.aux();
      if (total > MAX_TOTAL
          || received.readableBytes() + (long) length > total
          || (length == 0 && total != 0)) {
        giveUp();
        return;
      }
      received.writeBytes(reply.payload());
      if (received.readableBytes() == total) {
        result.complete(received);
      } else {
        ask(peer.sequence());
      }
    } finally {
      reply.release();
    }
  }

  private void giveUp() {
    received.release();
    result.complete(null);
  }
}
