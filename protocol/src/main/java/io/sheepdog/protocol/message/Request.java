package io.sheepdog.protocol.message;

import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.Epoch;
import org.jspecify.annotations.Nullable;

/**
 * A request header.
 *
 * @param protocolVersion version byte, 0..255; judged by {@link
 *     io.sheepdog.protocol.ProtocolVersion#accepts}
 * @param opcode opcode byte, 0..255; may be unknown, see {@link #operation()}
 * @param flags u16 of {@link RequestFlags}
 * @param epoch the sender's epoch; means something for peer operations only
 * @param id chosen by the sender, echoed in the response
 * @param dataLength with {@link RequestFlags#WRITE} the bytes that follow, otherwise the room for
 *     the reply's payload; 0..{@link Limits#MAX_PAYLOAD}
 * @param body the 32 bytes whose layout depends on the opcode
 */
public record Request(
    int protocolVersion,
    int opcode,
    int flags,
    Epoch epoch,
    int id,
    int dataLength,
    RequestBody body) {

  /** Checks the ranges. */
  public Request {
    Ranges.u8("Protocol version", protocolVersion);
    Ranges.u8("Opcode", opcode);
    Ranges.u16("Flags", flags);
    Ranges.payloadLength(dataLength);
  }

  /** A request without payload in either direction; epoch and id are 0. */
  public static Request of(Opcode opcode, RequestBody body) {
    return of(opcode, RequestFlags.NONE, 0, body);
  }

  /** A request with the version byte that fits its opcode; epoch and id are 0. */
  public static Request of(Opcode opcode, int flags, int dataLength, RequestBody body) {
    return new Request(
        opcode.protocolVersion(), opcode.code(), flags, Epoch.ZERO, 0, dataLength, body);
  }

  /** The operation, or null if the opcode is unknown. */
  public @Nullable Opcode operation() {
    return Opcode.fromCode(opcode);
  }

  /** Whether that flag is set. */
  public boolean hasFlag(int flag) {
    return (flags & flag) != 0;
  }

  /** Whether {@link #dataLength} bytes follow the header. */
  public boolean carriesPayload() {
    return hasFlag(RequestFlags.WRITE) && dataLength > 0;
  }

  /**
   * Most payload bytes that the sender reads after the response header (wire protocol, section
   * 1.1).
   */
  public int replyRoom() {
    return hasFlag(RequestFlags.WRITE) && !hasFlag(RequestFlags.PIGGYBACK) ? 0 : dataLength;
  }

  /** The same request with another id. */
  public Request withId(int newId) {
    return new Request(protocolVersion, opcode, flags, epoch, newId, dataLength, body);
  }

  /** The same request with another epoch. */
  public Request withEpoch(Epoch newEpoch) {
    return new Request(protocolVersion, opcode, flags, newEpoch, id, dataLength, body);
  }

  /** The same request with other flags. */
  public Request withFlags(int newFlags) {
    return new Request(protocolVersion, opcode, newFlags, epoch, id, dataLength, body);
  }

  /** The same request with another payload length. */
  public Request withDataLength(int newDataLength) {
    return new Request(protocolVersion, opcode, flags, epoch, id, newDataLength, body);
  }

  /** The same request with another body. */
  public Request withBody(RequestBody newBody) {
    return new Request(protocolVersion, opcode, flags, epoch, id, dataLength, newBody);
  }

  /** The same request with another version byte. */
  public Request withProtocolVersion(int newVersion) {
    return new Request(newVersion, opcode, flags, epoch, id, dataLength, body);
  }
}
