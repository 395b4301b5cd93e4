package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.WriteGrants;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.Request;

/**
 * Recognizes the writes of zeros to an index with which clients prepare DEL_VDI of a snapshot. The
 * historical daemon needed them; here DEL_VDI gives everything back by itself, so they are answered
 * SUCCESS and change nothing (spec/client-behaviour.md sections 1.7 and 2.2).
 *
 * <ul>
 *   <li>{@code dog vdi delete -s} clears the index of the snapshot, which nobody may change (R11).
 *       It alone speaks protocol version 2.
 *   <li>{@code qemu-img snapshot -d} clears, by mistake, the index of the <em>working</em> VDI that
 *       it has open: on a connection of its own that does nothing else, many entries at a time. A
 *       discard never looks like that: it comes on the I/O connection, and each clears one entry.
 *       Even the first request after a reconnect can so be told apart. What stays is an image of a
 *       single object, whose clearing is no longer than a discard and is treated as one.
 * </ul>
 */
final class NeedlessClearing {
  private static final int QEMU = 0;
  private static final int DOG = 2;

  private final ClusterView cluster;
  private final WriteGrants grants;

  NeedlessClearing(ClusterView cluster, WriteGrants grants) {
    this.cluster = cluster;
    this.grants = grants;
  }

  /**
   * Whether this request, the newest of its session, is one.
   *
   * @param payload what is to be written to the inode, at least one byte
   */
  boolean matches(ClientSession session, Request request, VdiId vid, long offset, ByteBuf payload) {
    boolean index =
        offset >= InodeLayout.INDEX_OFFSET
            && offset + payload.readableBytes() <= InodeLayout.QEMU_SIZE
            && IndexWrites.isAligned(offset, payload.readableBytes());
    if (!index) {
      return false;
    }
    return switch (request.protocolVersion()) {
      case DOG -> isSnapshot(vid) && isZero(payload);
      case QEMU -> isOfQemu(session, vid, payload);
      default -> false;
    };
  }

  private boolean isSnapshot(VdiId vid) {
    VdiEntry entry = cluster.state().directory().entry(vid);
    return entry != null && entry.state() == VdiEntry.State.SNAPSHOT;
  }

  private boolean isOfQemu(ClientSession session, VdiId vid, ByteBuf payload) {
    boolean several = payload.readableBytes() > InodeLayout.INDEX_ENTRY_SIZE;
    boolean begins = session.requests() == 1 && several;
    if ((!begins && !session.isClearing())
        || !grants.isBesideTheHolder(session, vid)
        || !isZero(payload)) {
      return false;
    }
    session.noteClearing();
    return true;
  }

  private static boolean isZero(ByteBuf payload) {
    return payload.forEachByte(value -> value == 0) < 0;
  }
}
