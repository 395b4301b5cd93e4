package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;

/** Makes replies to peers. */
final class Replies {
  private Replies() {}

  static Reply plain(Request request, Epoch epoch, ResultCode code) {
    return new Reply(Response.to(request, epoch, code), Unpooled.EMPTY_BUFFER);
  }

  /** A piece of {@code whole} from {@code offset} on, as much as the asker has room for. */
  static Reply piece(Request request, Epoch epoch, PeerReply body, ByteBuf whole, long offset) {
    if (offset < 0 || offset > whole.readableBytes()) {
      return plain(request, epoch, ResultCode.INVALID_PARMS);
    }
    int length = (int) Math.min(request.replyRoom(), whole.readableBytes() - offset);
    ByteBuf piece = whole.retainedSlice(whole.readerIndex() + (int) offset, length);
    return new Reply(
        Response.to(request, epoch, ResultCode.SUCCESS, body).withDataLength(length), piece);
  }
}
