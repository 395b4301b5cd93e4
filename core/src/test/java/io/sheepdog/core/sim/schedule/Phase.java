package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.store.StoreWatcher.Kind;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiBody;
import org.jspecify.annotations.Nullable;

/** What a node can be in the middle of when it dies. */
enum Phase {
  WRITE(Fault.CRASH_DURING_WRITE),
  CREATE(Fault.CRASH_DURING_CREATE),
  INDEX_WRITE(Fault.CRASH_DURING_INDEX_WRITE),
  SNAPSHOT(Fault.CRASH_DURING_SNAPSHOT),
  NEW_VDI(Fault.CRASH_DURING_NEW_VDI),
  DELETE(Fault.CRASH_DURING_DELETE),
  LOCK(Fault.CRASH_DURING_LOCK);

  private final Fault fault;

  Phase(Fault fault) {
    this.fault = fault;
  }

  Fault fault() {
    return fault;
  }

  /** What a store operation is part of; null if of nothing here. */
  static @Nullable Phase of(Kind kind, ObjectId oid, long offset) {
    if (oid.kind() == ObjectKind.INODE) {
      return kind == Kind.WRITE && offset >= InodeLayout.INDEX_OFFSET ? INDEX_WRITE : null;
    }
    return switch (kind) {
      case WRITE -> WRITE;
      case CREATE -> CREATE;
      case REMOVE -> null;
    };
  }

  /** What a client's request is; null if nothing here. */
  static @Nullable Phase of(Request request) {
    Opcode opcode = request.operation();
    if (opcode == null) {
      return null;
    }
    return switch (opcode) {
      case NEW_VDI -> ((VdiBody) request.body()).snapshotId() != 0 ? SNAPSHOT : NEW_VDI;
      case DEL_VDI -> DELETE;
      case LOCK_VDI -> LOCK;
      default -> null;
    };
  }
}
