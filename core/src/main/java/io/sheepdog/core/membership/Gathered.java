package io.sheepdog.core.membership;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.Fields;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.core.vdi.VdiEntryCodec;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.placement.Ring;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one store, or all of them together, know of VDIs and epochs.
 *
 * @param epochs epoch logs, ascending
 * @param entries inode headers by vid
 */
record Gathered(List<EpochRecord> epochs, TreeMap<VdiId, VdiEntry> entries) {
  private static final int MINIMUM_EPOCH = 16;
  private static final int UNREADABLE = Integer.MAX_VALUE;
  private static final int NO_TARGET = UNREADABLE - 1;

  /**
   * As bytes: number of epochs, epochs, number of entries, entries. The receiver owns the buffer.
   */
  ByteBuf encode() {
    ByteBuf out = Unpooled.buffer();
    out.writeIntLE(epochs.size());
    epochs.forEach(record -> Fields.writeEpoch(out, record));
    out.writeIntLE(entries.size());
    entries.values().forEach(entry -> VdiEntryCodec.write(out, entry));
    return out;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws ProtocolException if the bytes are something else
   */
  static Gathered decode(ByteBuf in) {
    int epochCount = Fields.readCount(in, MINIMUM_EPOCH, "Number of epochs");
    List<EpochRecord> epochs = new ArrayList<>(epochCount);
    for (int i = 0; i < epochCount; i++) {
      epochs.add(Fields.readEpoch(in));
    }
    int entryCount = Fields.readCount(in, VdiEntryCodec.MINIMUM_SIZE, "Number of VDIs");
    TreeMap<VdiId, VdiEntry> entries = new TreeMap<>();
    for (int i = 0; i < entryCount; i++) {
      VdiEntry entry = VdiEntryCodec.read(in);
      entries.put(entry.vid(), entry);
    }
    return new Gathered(epochs, entries);
  }

  /** The same on all nodes that gathered the same. */
  long digest() {
    ByteBuf bytes = encode();
    long digest = Fnv.BASIS;
    while (bytes.isReadable()) {
      digest = Fnv.step(bytes.readByte(), digest);
    }
    bytes.release();
    return digest;
  }

  /** The directory that these headers make. */
  VdiDirectory directory() {
    return VdiDirectory.of(entries.values());
  }

  /**
   * One truth out of what several stores know. Replicas of a header may differ after a crash: the
   * replica counts that reads are served from, the first target in the ring; a header that a store
   * could not read counts only if no other has it. Of several heads of one name the newest wins,
   * the others became snapshots when it was made (R11).
   */
  static Gathered merge(Ring ring, Map<NodeAddress, Gathered> stores) {
    TreeMap<Epoch, EpochRecord> epochs = new TreeMap<>();
    TreeMap<VdiId, VdiEntry> entries = new TreeMap<>();
    Map<VdiId, Integer> ranks = new HashMap<>();
    for (Map.Entry<NodeAddress, Gathered> store : new TreeMap<>(stores).entrySet()) {
      store.getValue().epochs().forEach(record -> epochs.putIfAbsent(record.epoch(), record));
      for (VdiEntry entry : store.getValue().entries().values()) {
        int rank = rank(ring, entry, store.getKey());
        Integer best = ranks.get(entry.vid());
        if (best == null || rank < best) {
          ranks.put(entry.vid(), rank);
          entries.put(entry.vid(), entry);
        }
      }
    }
    settleHeads(entries);
    return new Gathered(List.copyOf(epochs.values()), entries);
  }

  private static int rank(Ring ring, VdiEntry entry, NodeAddress store) {
    if (entry.state() == State.RESERVED) {
      return UNREADABLE;
    }
    int zones = Math.max(1, ring.zones());
    int place = ring.targets(ObjectId.inode(entry.vid()), zones).indexOf(store);
    return place < 0 ? NO_TARGET : place;
  }

  private static void settleHeads(TreeMap<VdiId, VdiEntry> entries) {
    Map<String, VdiEntry> newest = new HashMap<>();
    Collection<VdiEntry> all = List.copyOf(entries.values());
    for (VdiEntry entry : all) {
      if (entry.state() == State.HEAD || entry.state() == State.SNAPSHOT) {
        newest.merge(entry.name(), entry, Gathered::later);
      }
    }
    for (VdiEntry entry : all) {
      VdiEntry last = newest.get(entry.name());
      if (entry.state() == State.HEAD && last != null && !last.vid().equals(entry.vid())) {
        entries.put(entry.vid(), entry.asSnapshot(last.createTime()));
      }
    }
  }

  private static VdiEntry later(VdiEntry a, VdiEntry b) {
    return Integer.compareUnsigned(a.snapshotId(), b.snapshotId()) >= 0 ? a : b;
  }
}
