package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads the headers of all inodes in the local store, a few at a time. */
final class HeaderScan {
  private static final int PARALLEL = 16;

  private final ObjectStore objects;
  private final NodeCallbacks callbacks;
  private final Deque<ObjectId> open = new ArrayDeque<>();
  private final TreeMap<VdiId, VdiEntry> found = new TreeMap<>();
  private final CompletableFuture<TreeMap<VdiId, VdiEntry>> result = new CompletableFuture<>();
  private int reading;

  private HeaderScan(ObjectStore objects, NodeCallbacks callbacks) {
    this.objects = objects;
    this.callbacks = callbacks;
    for (ObjectId oid : objects.objects()) {
      if (oid.kind() == ObjectKind.INODE) {
        open.add(oid);
      }
    }
  }

  /** The entries by vid; an inode that the disk cannot give is reserved and warned about. */
  static CompletionStage<TreeMap<VdiId, VdiEntry>> of(
      ObjectStore objects, NodeCallbacks callbacks) {
    HeaderScan scan = new HeaderScan(objects, callbacks);
    scan.readOn();
    return scan.result;
  }

  private void readOn() {
    while (reading < PARALLEL && !open.isEmpty()) {
      ObjectId oid = open.remove();
      reading++;
      objects.read(oid, 0, InodeLayout.HEADER_SIZE).thenAccept(outcome -> read(oid, outcome));
    }
    if (reading == 0 && open.isEmpty()) {
      result.complete(found);
    }
  }

  private void read(ObjectId oid, ReadOutcome outcome) {
    reading--;
    if (outcome.status() == StoreStatus.OK) {
      found.put(oid.vid(), entry(oid, outcome.data()));
      outcome.data().release();
    } else if (outcome.status() != StoreStatus.NO_OBJECT) {
      callbacks.onWarning(
          "Inode "
              + oid
              + " cannot be read ("
              + outcome.status()
              + "): its other copies have to serve; check the disk");
      found.put(oid.vid(), unreadable(oid.vid(), VdiEntry.State.RESERVED));
    }
    readOn();
  }

  private VdiEntry entry(ObjectId oid, ByteBuf data) {
    try {
      InodeHeader header = InodeHeader.decode(data);
      if (header.vdiId().equals(oid.vid())) {
        return VdiEntry.of(header);
      }
      if (header.vdiId().isNone() && header.isDeleted()) {
        return unreadable(oid.vid(), VdiEntry.State.TOMBSTONE);
      }
      callbacks.onWarning(
          "Inode " + oid + " says that it is VDI " + header.vdiId() + "; it is left alone");
    } catch (ProtocolException e) {
      callbacks.onWarning("Inode " + oid + " is damaged and left alone: " + e.getMessage());
    }
    // Reserved for good: what cannot be read counts as naming every object of its family (R8).
    return unreadable(oid.vid(), VdiEntry.State.RESERVED);
  }

  private static VdiEntry unreadable(VdiId vid, VdiEntry.State state) {
    return new VdiEntry(
        vid, state, "", "", 0, VdiId.NONE, SheepTime.NONE, SheepTime.NONE, 0, 0, 0, 0, 0, 0, 0);
  }
}
