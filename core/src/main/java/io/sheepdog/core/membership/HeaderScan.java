package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads the headers of all inodes in the local store, a few at a time. Copies that were set aside
 * count, too: when a cluster ended before an epoch was complete, there may be no others. A vid of
 * which there are objects, but no inode, is taken: what it names nobody knows.
 */
final class HeaderScan {
  private static final int PARALLEL = 16;

  private final ObjectStore objects;
  private final NodeCallbacks callbacks;
  private final Deque<ObjectId> open = new ArrayDeque<>();
  private final TreeMap<VdiId, VdiEntry> found = new TreeMap<>();
  private final TreeMap<VdiId, Epoch> setAside = new TreeMap<>();
  private final CompletableFuture<Found> result = new CompletableFuture<>();
  private int reading;

  /**
   * What there is.
   *
   * @param entries by vid; an inode that the disk cannot give is reserved
   * @param setAside those whose inode is here as a copy that was set aside only
   */
  record Found(TreeMap<VdiId, VdiEntry> entries, TreeMap<VdiId, Epoch> setAside) {}

  private HeaderScan(ObjectStore objects, NodeCallbacks callbacks) {
    this.objects = objects;
    this.callbacks = callbacks;
    for (ObjectId oid : objects.objects()) {
      if (oid.kind() == ObjectKind.INODE) {
        open.add(oid);
      }
    }
    for (ObjectId oid : objects.objectsSetAside()) {
      List<Epoch> epochs = objects.epochsSetAside(oid);
      if (oid.kind() == ObjectKind.INODE && !objects.holds(oid) && !epochs.isEmpty()) {
        open.add(oid);
        setAside.put(oid.vid(), epochs.get(epochs.size() - 1));
      }
    }
  }

  /** Looks; an inode that the disk cannot give is warned about. */
  static CompletionStage<Found> of(ObjectStore objects, NodeCallbacks callbacks) {
    HeaderScan scan = new HeaderScan(objects, callbacks);
    scan.readOn();
    return scan.result;
  }

  private void readOn() {
    while (reading < PARALLEL && !open.isEmpty()) {
      ObjectId oid = open.remove();
      reading++;
      Epoch aside = setAside.get(oid.vid());
      CompletionStage<ReadOutcome> header =
          aside == null
              ? objects.read(oid, 0, InodeLayout.HEADER_SIZE)
              : objects.readSetAside(oid, aside, 0, InodeLayout.HEADER_SIZE);
      header.thenAccept(outcome -> read(oid, outcome));
    }
    if (reading == 0 && open.isEmpty()) {
      setAside.keySet().retainAll(found.keySet());
      takeVids(objects.objects());
      takeVids(objects.objectsSetAside());
      result.complete(new Found(found, setAside));
    }
  }

  private void takeVids(List<ObjectId> held) {
    for (ObjectId oid : held) {
      if (oid.kind() == ObjectKind.DATA || oid.kind() == ObjectKind.VMSTATE) {
        found.computeIfAbsent(oid.vid(), vid -> unreadable(vid, VdiEntry.State.RESERVED));
      }
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
