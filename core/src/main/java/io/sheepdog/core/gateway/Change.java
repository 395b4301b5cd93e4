package io.sheepdog.core.gateway;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerWriteBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import java.util.List;

/**
 * A change of one object, as its replicas are asked for it.
 *
 * @param opcode PEER_WRITE, PEER_CREATE or PEER_REMOVE
 * @param body what to change; its incarnation is filled in for each replica
 * @param length bytes of payload
 * @param durable whether replicas answer only when it is on stable storage
 */
record Change(Opcode opcode, PeerBody body, int length, boolean durable) {
  /**
   * How often replicas may contradict each other on whether the object exists before that is an
   * error.
   */
  private static final int MAX_CONTRADICTIONS = 8;

  static Change write(
      ObjectId oid,
      ObjectAttributes shape,
      long offset,
      int length,
      long generation,
      boolean durable) {
    return new Change(
        Opcode.PEER_WRITE,
        body(oid, shape, offset, length).withGeneration(generation),
        length,
        durable);
  }

  /** Creations are always durable (R7). */
  static Change create(
      ObjectId oid, ObjectAttributes shape, long offset, int length, long generation) {
    return new Change(
        Opcode.PEER_CREATE,
        body(oid, shape, offset, length).withGeneration(generation),
        length,
        true);
  }

  static Change remove(ObjectId oid, ObjectAttributes shape) {
    return new Change(Opcode.PEER_REMOVE, body(oid, shape, 0, 0), 0, true);
  }

  private static PeerBody body(ObjectId oid, ObjectAttributes shape, long offset, int length) {
    int shift = Long.numberOfTrailingZeros(shape.size());
    return PeerBody.of(oid, offset, length).withVdi(shape.copies(), shape.copyPolicy(), shift);
  }

  Change under(long generation) {
    return new Change(opcode, body.withGeneration(generation), length, durable);
  }

  ObjectId oid() {
    return body.oid();
  }

  boolean isRemoval() {
    return opcode == Opcode.PEER_REMOVE;
  }

  int copies() {
    return body.copies();
  }

  long generation() {
    return body.generation();
  }

  /**
   * The request to one replica.
   *
   * @param number of this change among this gateway's, if it is a write
   * @param settled the greatest number up to which all have ended
   */
  Request request(long incarnation, int number, int settled) {
    int flags =
        (length > 0 ? RequestFlags.WRITE : RequestFlags.NONE) | (durable ? 0 : RequestFlags.CACHE);
    RequestBody sent =
        opcode == Opcode.PEER_WRITE
            ? new PeerWriteBody(
                body.oid(), body.generation(), body.offset(), number, settled, incarnation)
            : body.withIncarnation(incarnation);
    return Request.of(opcode, flags, length, sent);
  }

  /**
   * What the answers of the replicas mean together.
   *
   * @return SUCCESS, a code for the client, or AGAIN to try again
   */
  ResultCode judge(List<ResultCode> answers, int tried) {
    boolean again = false;
    int missing = 0;
    ResultCode failure = ResultCode.SUCCESS;
    for (ResultCode answer : answers) {
      if (answer == ResultCode.NO_OBJ) {
        missing++;
      } else if (PeerCalls.isPassing(answer)) {
        again = true;
      } else if (failure == ResultCode.SUCCESS) {
        failure = answer;
      }
    }
    if (again) {
      // also beside an error: once it ends, it is not under way to any replica any more
      return ResultCode.AGAIN;
    }
    if (failure != ResultCode.SUCCESS) {
      return failure;
    }
    if (missing == 0) {
      return ResultCode.SUCCESS;
    }
    if (missing == answers.size()) {
      return ResultCode.NO_OBJ;
    }
    if (opcode == Opcode.PEER_REMOVE) {
      return ResultCode.SUCCESS;
    }
    // some replicas have the object and some do not: it is on its way there, or lost on a disk
    return tried < MAX_CONTRADICTIONS ? ResultCode.AGAIN : ResultCode.EIO;
  }
}
