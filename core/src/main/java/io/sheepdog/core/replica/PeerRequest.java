package io.sheepdog.core.replica;

import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerCopyBody;
import io.sheepdog.protocol.message.PeerVersionBody;
import io.sheepdog.protocol.message.PeerWriteBody;
import io.sheepdog.protocol.message.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request to this node's store, whichever of the two vocabularies it came in.
 *
 * @param header as it came
 * @param operation one of our own operations, or EXIST
 * @param body its fields
 * @param gateway incarnation of the other daemon that sent it; 0 when it is this one, or nobody
 *     that numbers its writes
 * @param number of a write among those of its gateway
 * @param settled all writes of that gateway up to this number have ended
 * @param version of the copy that is meant; 0 for any
 */
record PeerRequest(
    Request header,
    Opcode operation,
    PeerBody body,
    long gateway,
    int number,
    int settled,
    long version) {

  /**
   * Reads a request; null when it is not one for the replica service or its fields make no sense.
   *
   * @param sender incarnation of the other daemon that sent it, 0 if it is none
   */
  static @Nullable PeerRequest of(Request header, long sender) {
    Opcode opcode = header.operation();
    if (opcode == null) {
      return null;
    }
    PeerRequest request =
        switch (opcode) {
          case PEER_WRITE ->
              header.body() instanceof PeerWriteBody write ? write(header, write, sender) : null;
          case PEER_READ,
              PEER_CREATE,
              PEER_REMOVE,
              PEER_SYNC,
              PEER_LIST,
              PEER_DRAIN,
              PEER_FETCH,
              PEER_OBJECTS,
              PEER_TORN,
              PEER_REPAIR,
              PEER_DIGEST,
              PEER_REPAIR_SOON,
              PEER_CLEAN,
              PEER_CHANGES,
              PEER_COMPARE,
              PEER_USAGE ->
              header.body() instanceof PeerBody body
                  ? new PeerRequest(header, opcode, body, 0, 0, 0, 0)
                  : null;
          case PEER_PIECE, PEER_PATCH ->
              header.body() instanceof PeerVersionBody body
                  ? ofVersion(header, opcode, body)
                  : null;
          case PEER_COPY -> header.body() instanceof PeerCopyBody copy ? copy(header, copy) : null;
          case READ_PEER -> historical(header, Opcode.PEER_READ);
          case WRITE_PEER -> historical(header, Opcode.PEER_WRITE);
          case CREATE_AND_WRITE_PEER -> historical(header, Opcode.PEER_CREATE);
          case REMOVE_PEER -> historical(header, Opcode.PEER_REMOVE);
          case EXIST -> historical(header, Opcode.EXIST);
          default -> null;
        };
    return request == null || request.oid().kind() == ObjectKind.INVALID ? null : request;
  }

  private static PeerRequest write(Request header, PeerWriteBody write, long sender) {
    PeerBody body =
        PeerBody.of(write.oid(), write.offset(), header.dataLength())
            .withGeneration(write.generation())
            .withIncarnation(write.incarnation());
    return new PeerRequest(
        header, Opcode.PEER_WRITE, body, sender, write.number(), write.settled(), 0);
  }

  private static PeerRequest copy(Request header, PeerCopyBody copy) {
    PeerBody body =
        PeerBody.of(copy.oid(), copy.offset(), header.dataLength())
            .withGeneration(copy.generation())
            .withVdi(copy.copies(), copy.copyPolicy(), copy.blockSizeShift())
            .withIncarnation(copy.incarnation());
    return new PeerRequest(header, Opcode.PEER_COPY, body, 0, 0, 0, 0);
  }

  /** A version means something only together with the incarnation that gave it. */
  private static @Nullable PeerRequest ofVersion(
      Request header, Opcode opcode, PeerVersionBody body) {
    PeerBody range =
        PeerBody.of(body.oid(), body.offset(), body.length()).withIncarnation(body.incarnation());
    return body.version() == 0 || body.incarnation() == PeerBody.ANY_INCARNATION
        ? null
        : new PeerRequest(header, opcode, range, 0, 0, 0, body.version());
  }

  private static @Nullable PeerRequest historical(Request header, Opcode operation) {
    return header.body() instanceof ObjectBody body
        ? new PeerRequest(
            header,
            operation,
            PeerBody.of(body.oid(), body.offset(), header.dataLength()),
            0,
            0,
            0,
            0)
        : null;
  }

  ObjectId oid() {
    return body.oid();
  }

  /** Whether it changes the object. */
  boolean isWrite() {
    return operation == Opcode.PEER_WRITE
        || operation == Opcode.PEER_CREATE
        || operation == Opcode.PEER_COPY
        || operation == Opcode.PEER_REMOVE;
  }

  /** Of PEER_COPY: what is copied, and how. */
  @Nullable PeerCopyBody copied() {
    return header.body() instanceof PeerCopyBody copy ? copy : null;
  }

  /** Whether it makes sense only on a copy that is here. */
  boolean needsCopy() {
    return operation == Opcode.PEER_READ
        || operation == Opcode.PEER_WRITE
        || operation == Opcode.PEER_USAGE;
  }

  /** Whether the write must be on stable storage before its reply (P1). */
  boolean isDurable() {
    return !header.hasFlag(RequestFlags.CACHE);
  }
}
