package io.sheepdog.protocol.message;

import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import org.jspecify.annotations.Nullable;

/**
 * A response header; {@code dataLength} payload bytes follow, whatever the flags say.
 *
 * @param protocolVersion version byte, 0..255; 0 in our responses, ignored by clients
 * @param opcode opcode of the request, 0..255
 * @param flags u16; 0 in our responses
 * @param epoch current epoch of the answering node, always filled
 * @param id id of the request
 * @param dataLength bytes that follow, 0..{@link io.sheepdog.protocol.Limits#MAX_PAYLOAD}
 * @param result u32, see {@link #resultCode()}
 * @param body the 28 bytes whose layout depends on the opcode
 */
public record Response(
    int protocolVersion,
    int opcode,
    int flags,
    Epoch epoch,
    int id,
    int dataLength,
    int result,
    ResponseBody body) {

  /** Checks the ranges. */
  public Response {
    Ranges.u8("Protocol version", protocolVersion);
    Ranges.u8("Opcode", opcode);
    Ranges.u16("Flags", flags);
    Ranges.payloadLength(dataLength);
  }

  /** The answer to a request, without body and payload. */
  public static Response to(Request request, Epoch epoch, ResultCode result) {
    return to(request, epoch, result, NoBody.INSTANCE);
  }

  /** The answer to a request, without payload. */
  public static Response to(Request request, Epoch epoch, ResultCode result, ResponseBody body) {
    return new Response(
        ProtocolVersion.RESPONSE,
        request.opcode(),
        RequestFlags.NONE,
        epoch,
        request.id(),
        0,
        result.code(),
        body);
  }

  /** The result as a value, or null if the code is unknown. */
  public @Nullable ResultCode resultCode() {
    return ResultCode.fromCode(result);
  }

  /** Whether the result is that one. */
  public boolean is(ResultCode expected) {
    return result == expected.code();
  }

  /** Whether the request succeeded. */
  public boolean isSuccess() {
    return is(ResultCode.SUCCESS);
  }

  /** The same response with another id. */
  public Response withId(int newId) {
    return new Response(protocolVersion, opcode, flags, epoch, newId, dataLength, result, body);
  }

  /** The same response with another epoch. */
  public Response withEpoch(Epoch newEpoch) {
    return new Response(protocolVersion, opcode, flags, newEpoch, id, dataLength, result, body);
  }

  /** The same response announcing that many payload bytes. */
  public Response withDataLength(int newDataLength) {
    return new Response(protocolVersion, opcode, flags, epoch, id, newDataLength, result, body);
  }

  /** The same response with another body. */
  public Response withBody(ResponseBody newBody) {
    return new Response(protocolVersion, opcode, flags, epoch, id, dataLength, result, newBody);
  }
}
