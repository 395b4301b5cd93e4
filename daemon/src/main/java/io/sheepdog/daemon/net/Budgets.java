package io.sheepdog.daemon.net;

import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.OperationClass;
import io.sheepdog.protocol.message.Request;

/** What all connections together may have under way, by kind of request. */
final class Budgets {
  /** What a request without payload costs, for its header, the reply's header and bookkeeping. */
  private static final int FIXED_COST = 256;

  /** Questions about leases are small, and a node that does not answer them is given up. */
  private static final long LEASE_BYTES = 1 << 20;

  private final ByteBudget leases = new ByteBudget(LEASE_BYTES);
  private final ByteBudget gateway;
  private final ByteBudget peers;
  private final ByteBudget admin;

  Budgets(ServerLimits limits) {
    gateway = new ByteBudget(limits.gatewayBytes());
    peers = new ByteBudget(limits.peerBytes());
    admin = new ByteBudget(limits.adminBytes());
  }

  static long cost(Request request) {
    long payload = request.carriesPayload() ? request.dataLength() : 0;
    return FIXED_COST + payload + request.replyRoom();
  }

  ByteBudget of(Request request) {
    Opcode operation = request.operation();
    if (operation == null) {
      return admin;
    }
    if (operation == Opcode.PEER_LEASE) {
      return leases;
    }
    OperationClass kind = operation.operationClass();
    return kind == OperationClass.GATEWAY ? gateway : kind == OperationClass.PEER ? peers : admin;
  }

  /** What object requests of clients share. */
  ByteBudget gateway() {
    return gateway;
  }

  /** Looks at all lines once more. */
  void look() {
    leases.look();
    gateway.look();
    peers.look();
    admin.look();
  }

  /** Stops or resumes what needs the disk. */
  void pauseDiskWork(boolean paused) {
    gateway.pause(paused);
    peers.pause(paused);
  }

  long used() {
    return leases.used() + gateway.used() + peers.used() + admin.used();
  }
}
