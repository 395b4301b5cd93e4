package io.sheepdog.core.gateway;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerCopyBody;
import io.sheepdog.protocol.message.PeerWriteBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestBody;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of one object, as its replicas are asked for it.
 *
 * @param opcode PEER_WRITE, PEER_CREATE, PEER_COPY or PEER_REMOVE
 * @param body what to change; its incarnation is filled in for each replica
 * @param length bytes of payload
 * @param durable whether replicas answer only when it is on stable storage
 * @param source of PEER_COPY: the snapshot whose object of the same index each replica copies
 */
record Change(Opcode opcode, PeerBody body, int length, boolean durable, @Nullable VdiId source) {
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
        durable,
        null);
  }

  /** Creations are always durable (R7). */
  static Change create(
      ObjectId oid, ObjectAttributes shape, long offset, int length, long generation) {
    return new Change(
        Opcode.PEER_CREATE,
        body(oid, shape, offset, length).withGeneration(generation),
        length,
        true,
        null);
  }

  /** Also a creation; the rest of the object is what each replica has of that of {@code source}. */
  static Change copy(
      ObjectId oid,
      ObjectAttributes shape,
      VdiId source,
      long offset,
      int length,
      long generation) {
    return new Change(
        Opcode.PEER_COPY,
        body(oid, shape, offset, length).withGeneration(generation),
        length,
        true,
        source);
  }

  static Change remove(ObjectId oid, ObjectAttributes shape) {
    return new Change(Opcode.PEER_REMOVE, body(oid, shape, 0, 0), 0, true, null);
  }

  private static PeerBody body(ObjectId oid, ObjectAttributes shape, long offset, int length) {
    int shift = Long.numberOfTrailingZeros(shape.size());
    return PeerBody.of(oid, offset, length).withVdi(shape.copies(), shape.copyPolicy(), shift);
  }

  Change under(long generation) {
    return new Change(opcode, body.withGeneration(generation), length, durable, source);
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
   * @param areMany whether it goes to several replicas
   */
  Request request(long incarnation, int number, int settled, boolean areMany) {
    int flags =
        (length > 0 ? RequestFlags.WRITE : RequestFlags.NONE) | (durable ? 0 : RequestFlags.CACHE);
    RequestBody sent = body.withIncarnation(incarnation);
    if (opcode == Opcode.PEER_WRITE) {
      sent =
          new PeerWriteBody(
              body.oid(), body.generation(), body.offset(), number, settled, incarnation);
    } else if (source != null) {
      sent =
          new PeerCopyBody(
              body.oid(),
              body.generation(),
              body.offset(),
              source,
              body.copies(),
              body.copyPolicy(),
              body.blockSizeShift(),
              areMany,
              incarnation);
    }
    return Request.of(opcode, flags, length, sent);
  }

  /**
   * What the answers of the replicas mean together.
   *
   * @return SUCCESS, a code for the client, AGAIN to try again, or STALE_OBJ where one that was to
   *     copy something lacks it
   */
  ResultCode judge(List<ResultCode> answers, int tried) {
    boolean again = false;
    int missing = 0;
    boolean stale = false;
    ResultCode failure = ResultCode.SUCCESS;
    for (ResultCode answer : answers) {
      if (answer == ResultCode.STALE_OBJ) {
        stale = true;
      } else if (answer == ResultCode.NO_OBJ) {
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
    if (stale) {
      return ResultCode.STALE_OBJ;
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
