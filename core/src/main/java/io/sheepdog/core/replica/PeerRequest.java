package io.sheepdog.core.replica;

import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request to this node's store, whichever of the two vocabularies it came in.
 *
 * @param header as it came
 * @param operation one of our own operations, or EXIST
 * @param body its fields
 */
record PeerRequest(Request header, Opcode operation, PeerBody body) {

  /**
   * Reads a request; null when it is not one for the replica service or its fields make no sense.
   */
  static @Nullable PeerRequest of(Request header) {
    Opcode opcode = header.operation();
    if (opcode == null) {
      return null;
    }
    PeerRequest request =
        switch (opcode) {
          case PEER_READ,
              PEER_WRITE,
              PEER_CREATE,
              PEER_REMOVE,
              PEER_SYNC,
              PEER_LIST,
              PEER_DRAIN,
              PEER_FETCH,
              PEER_OBJECTS ->
              header.body() instanceof PeerBody body ? new PeerRequest(header, opcode, body) : null;
          case READ_PEER -> historical(header, Opcode.PEER_READ);
          case WRITE_PEER -> historical(header, Opcode.PEER_WRITE);
          case CREATE_AND_WRITE_PEER -> historical(header, Opcode.PEER_CREATE);
          case REMOVE_PEER -> historical(header, Opcode.PEER_REMOVE);
          case EXIST -> historical(header, Opcode.EXIST);
          default -> null;
        };
    return request == null || request.oid().kind() == ObjectKind.INVALID ? null : request;
  }

  private static @Nullable PeerRequest historical(Request header, Opcode operation) {
    return header.body() instanceof ObjectBody body
        ? new PeerRequest(
            header, operation, PeerBody.of(body.oid(), body.offset(), header.dataLength()))
        : null;
  }

  ObjectId oid() {
    return body.oid();
  }

  /** Whether it changes the object. */
  boolean isWrite() {
    return operation == Opcode.PEER_WRITE
        || operation == Opcode.PEER_CREATE
        || operation == Opcode.PEER_REMOVE;
  }

  /** Whether it makes sense only on a copy that is here. */
  boolean needsCopy() {
    return operation == Opcode.PEER_READ || operation == Opcode.PEER_WRITE;
  }

  /** Whether the write must be on stable storage before its reply (P1). */
  boolean isDurable() {
    return !header.hasFlag(RequestFlags.CACHE);
  }
}
