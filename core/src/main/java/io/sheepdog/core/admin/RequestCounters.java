package io.sheepdog.core.admin;

import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.OperationClass;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.SheepStat;
import org.jspecify.annotations.Nullable;

/** Counts object requests of clients (gateway) and of other nodes (peer) for {@code node stat}. */
public final class RequestCounters {
  private final Side gateway = new Side();
  private final Side peer = new Side();
  private long fetches;

  /** One side's numbers. */
  private static final class Side {
    private long active;
    private long total;
    private long received;
    private long sent;
    private long removes;
    private long reads;
    private long writes;
    private long flushes;
  }

  /** A request arrived. */
  public void begun(Request request) {
    Side side = side(request.operation());
    if (side == null) {
      return;
    }
    side.active++;
    fetches += request.operation() == Opcode.PEER_FETCH ? 1 : 0;
    side.total++;
    side.received += request.carriesPayload() ? request.dataLength() : 0;
    switch (kind(request)) {
      case READ -> side.reads++;
      case WRITE -> side.writes++;
      case REMOVE -> side.removes++;
      case FLUSH -> side.flushes++;
    }
  }

  /** Its reply is about to be sent. */
  public void ended(Request request, Reply reply) {
    Side side = side(request.operation());
    if (side != null) {
      side.active--;
      fetches -= request.operation() == Opcode.PEER_FETCH ? 1 : 0;
      side.sent += reply.header().dataLength();
    }
  }

  /** Whether requests of clients are under way here, through this gateway or another one. */
  public boolean clientsWait() {
    return gateway.active + peer.active > fetches;
  }

  /** The numbers so far. */
  public SheepStat statistics() {
    return new SheepStat(
        gateway.active,
        peer.active,
        gateway.total,
        peer.total,
        gateway.received,
        gateway.sent,
        peer.received,
        peer.sent,
        gateway.removes,
        gateway.reads,
        gateway.writes,
        gateway.flushes,
        peer.removes,
        peer.reads,
        peer.writes);
  }

  private enum Kind {
    READ,
    WRITE,
    REMOVE,
    FLUSH
  }

  private @Nullable Side side(@Nullable Opcode opcode) {
    if (opcode == null || !isObjectRequest(opcode)) {
      return null;
    }
    return opcode.operationClass() == OperationClass.PEER ? peer : gateway;
  }

  private static boolean isObjectRequest(Opcode opcode) {
    return switch (opcode) {
      case CREATE_AND_WRITE_OBJ,
          READ_OBJ,
          WRITE_OBJ,
          REMOVE_OBJ,
          DISCARD_OBJ,
          FLUSH_VDI,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          PEER_READ,
          PEER_WRITE,
          PEER_CREATE,
          PEER_COPY,
          PEER_REMOVE,
          PEER_FETCH ->
          true;
      default -> false;
    };
  }

  private static Kind kind(Request request) {
    Opcode opcode = request.operation();
    if (opcode == null) {
      throw new IllegalArgumentException("Not an object request: " + request);
    }
    return switch (opcode) {
      case READ_OBJ, READ_PEER, PEER_READ, PEER_FETCH -> Kind.READ;
      case REMOVE_OBJ, DISCARD_OBJ, REMOVE_PEER, PEER_REMOVE -> Kind.REMOVE;
      case FLUSH_VDI -> Kind.FLUSH;
      default -> Kind.WRITE;
    };
  }
}
