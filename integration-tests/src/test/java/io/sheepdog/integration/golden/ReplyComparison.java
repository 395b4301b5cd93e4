package io.sheepdog.integration.golden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sheepdog.integration.wire.RawReply;
import io.sheepdog.protocol.testdata.TraceEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Names the fields in which two replies differ. */
final class ReplyComparison {
  private static final int MOST_DIFFERENCES = 30;

  private final TraceEvent recorded;
  private final List<Difference> differences = new ArrayList<>();

  private ReplyComparison(TraceEvent recorded) {
    this.recorded = recorded;
  }

  /**
   * Compares headers and payloads.
   *
   * @param request header of the request
   * @param recorded the recorded reply
   * @param ours our daemon's reply
   */
  static List<Difference> of(ByteBuf request, TraceEvent recorded, RawReply ours) {
    ReplyComparison comparison = new ReplyComparison(recorded);
    comparison.fields(ReplyLayouts.header(request), recorded.header(), ours.header());
    if (recorded.payloadLength() != ours.payload().readableBytes()) {
      comparison.differ(
          "payload length",
          Integer.toString(recorded.payloadLength()),
          Integer.toString(ours.payload().readableBytes()));
    } else {
      comparison.payload(request, ours.payload());
    }
    return comparison.differences;
  }

  private void payload(ByteBuf request, ByteBuf ours) {
    ByteBuf bytes = recorded.payload();
    if (bytes != null) {
      fields(ReplyLayouts.payload(request), bytes, ours);
      return;
    }
    String digest = recorded.fields().text("payload_sha1");
    if (!digest.equals(sha1(ours))) {
      differ("SHA-1 of the payload", digest, sha1(ours));
    }
  }

  private void fields(Layout layout, ByteBuf expected, ByteBuf ours) {
    int length = expected.readableBytes();
    int position = mismatch(expected, ours, 0);
    while (position < length && differences.size() < MOST_DIFFERENCES) {
      Field field = layout.at(position);
      differ(field.name(), field.text(expected), field.text(ours));
      position = mismatch(expected, ours, field.offset() + field.length());
    }
  }

  /** The first position from {@code start} on at which the buffers differ, or their length. */
  private static int mismatch(ByteBuf a, ByteBuf b, int start) {
    int length = a.readableBytes();
    if (start >= length || ByteBufUtil.equals(a, start, b, start, length - start)) {
      return length;
    }
    int position = start;
    while (a.getByte(position) == b.getByte(position)) {
      position++;
    }
    return position;
  }

  private void differ(String field, String upstream, String ours) {
    differences.add(Difference.of(recorded, field, upstream, ours));
  }

  private static String sha1(ByteBuf bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(bytes.nioBuffer());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
