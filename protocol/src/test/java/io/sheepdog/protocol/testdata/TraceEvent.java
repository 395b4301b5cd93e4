package io.sheepdog.protocol.testdata;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a recorded conversation.
 *
 * @param trace name of the recording
 * @param kind what happened
 * @param fields the line as recorded; its keys are described in {@code golden/README.md}
 */
public record TraceEvent(String trace, Kind kind, JsonTree fields) {
  private static final HexFormat HEX = HexFormat.of();

  /** What happened on a connection. */
  public enum Kind {
    /** It was opened. */
    CONNECT,
    /** It was closed. */
    CLOSE,
    /** It could not be opened. */
    CONNECT_REFUSED,
    /** A request went from its opener to the other side. */
    REQUEST,
    /** A response came back. */
    RESPONSE
  }

  static TraceEvent of(String trace, JsonTree fields) {
    return new TraceEvent(trace, kindOf(fields), fields);
  }

  private static Kind kindOf(JsonTree fields) {
    if (fields.has("dir")) {
      return fields.text("dir").equals("req") ? Kind.REQUEST : Kind.RESPONSE;
    }
    return switch (fields.text("ev")) {
      case "connect" -> Kind.CONNECT;
      case "close" -> Kind.CLOSE;
      case "connect-refused" -> Kind.CONNECT_REFUSED;
      default -> throw new AssertionError("Unknown event in " + fields);
    };
  }

  /** Whether it carries a header. */
  public boolean isMessage() {
    return kind == Kind.REQUEST || kind == Kind.RESPONSE;
  }

  /** Number of the line in its recording, from 1. */
  public int sequence() {
    return (int) fields.number("seq");
  }

  /** Connection number within all recordings of the same prefix. */
  public int connection() {
    return (int) fields.number("conn");
  }

  /** Who opened the connection. */
  public String source() {
    return fields.text("src");
  }

  /** Port that it was opened to. */
  public int destination() {
    return (int) fields.number("dst");
  }

  /** Name of the operation. */
  public String operation() {
    return fields.text("op");
  }

  /** On a response: {@link #sequence()} of its request. */
  public int requestSequence() {
    return (int) fields.number("req_seq");
  }

  /** The 48 header bytes, of messages only. */
  public ByteBuf header() {
    return Unpooled.wrappedBuffer(HEX.parseHex(fields.text("header_hex")));
  }

  /** Bytes that followed the header, of messages only. */
  public int payloadLength() {
    return (int) fields.number("payload_len");
  }

  /** The payload, or null if the recording kept only its digest. */
  public @Nullable ByteBuf payload() {
    if (fields.has("payload_hex")) {
      return Unpooled.wrappedBuffer(HEX.parseHex(fields.text("payload_hex")));
    }
    byte[] bytes = new byte[payloadLength()];
    if (fields.has("payload_fill")) {
      Arrays.fill(bytes, HEX.parseHex(fields.text("payload_fill"))[0]);
    } else if (fields.has("payload_nonzero_runs")) {
      for (List<?> run : fields.lists("payload_nonzero_runs")) {
        byte[] piece = HEX.parseHex((String) run.get(1));
        System.arraycopy(piece, 0, bytes, ((Number) run.get(0)).intValue(), piece.length);
      }
    } else if (bytes.length > 0) {
      return null;
    }
    return Unpooled.wrappedBuffer(bytes);
  }

  /** Recording and line, to find it again. */
  @Override
  public String toString() {
    return trace + ":" + sequence() + (isMessage() ? " " + kind + " " + operation() : " " + kind);
  }
}
