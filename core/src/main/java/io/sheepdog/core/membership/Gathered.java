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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one store, or all of them together, know of VDIs and epochs.
 *
 * @param epochs epoch logs, ascending
 * @param entries inode headers by vid
 * @param setAside of those headers, the ones of which there is only a copy that was set aside, with
 *     the newest epoch in which that one was current
 */
record Gathered(
    List<EpochRecord> epochs, TreeMap<VdiId, VdiEntry> entries, TreeMap<VdiId, Epoch> setAside) {
  private static final int MINIMUM_EPOCH = 16;
  private static final int UNREADABLE = Integer.MAX_VALUE;
  private static final int NO_TARGET = UNREADABLE - 1;

  /**
   * As bytes: number of epochs, epochs, number of entries, entries, number of those set aside, vid
   * and epoch of each. The receiver owns the buffer.
   */
  ByteBuf encode() {
    ByteBuf out = Unpooled.buffer();
    out.writeIntLE(epochs.size());
    epochs.forEach(record -> Fields.writeEpoch(out, record));
    out.writeIntLE(entries.size());
    entries.values().forEach(entry -> VdiEntryCodec.write(out, entry));
    out.writeIntLE(setAside.size());
    setAside.forEach(
        (vid, lastValid) -> {
          out.writeIntLE(vid.value());
          out.writeIntLE(lastValid.value());
        });
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
    int asideCount = Fields.readCount(in, 2 * Integer.BYTES, "Number of copies set aside");
    TreeMap<VdiId, Epoch> setAside = new TreeMap<>();
    for (int i = 0; i < asideCount; i++) {
      setAside.put(Fields.readVid(in), new Epoch(Fields.readInt(in, "Epoch")));
    }
    return new Gathered(epochs, entries, setAside);
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
   * could not read counts only if no other has it. If no target of the newest epoch has a header
   * (it had not got it yet, or was given up), the copy counts that was current in the newest epoch.
   * Of several heads of one name the newest wins, the others became snapshots when it was made
   * (R11).
   */
  static Gathered merge(Ring ring, Map<NodeAddress, Gathered> stores) {
    TreeMap<Epoch, EpochRecord> epochs = new TreeMap<>();
    TreeMap<VdiId, VdiEntry> entries = new TreeMap<>();
    Map<VdiId, Rank> ranks = new HashMap<>();
    for (Map.Entry<NodeAddress, Gathered> store : new TreeMap<>(stores).entrySet()) {
      store.getValue().epochs().forEach(record -> epochs.putIfAbsent(record.epoch(), record));
      for (VdiEntry entry : store.getValue().entries().values()) {
        Rank rank = rank(ring, entry, store.getKey(), store.getValue());
        Rank best = ranks.get(entry.vid());
        if (best == null || rank.compareTo(best) < 0) {
          ranks.put(entry.vid(), rank);
          entries.put(entry.vid(), entry);
        }
      }
    }
    settleHeads(entries);
    return new Gathered(List.copyOf(epochs.values()), entries, new TreeMap<>());
  }

  /**
   * How much a copy counts; the lowest does.
   *
   * @param place of the store in the ring, or why that does not matter
   * @param age the less, the newer is the epoch in which the copy was current; for copies without a
   *     place
   */
  private record Rank(int place, long age) implements Comparable<Rank> {
    private static final Comparator<Rank> ORDER =
        Comparator.comparingInt(Rank::place).thenComparingLong(Rank::age);

    @Override
    public int compareTo(Rank other) {
      return ORDER.compare(this, other);
    }
  }

  private static Rank rank(Ring ring, VdiEntry entry, NodeAddress address, Gathered store) {
    if (entry.state() == State.RESERVED) {
      return new Rank(UNREADABLE, 0);
    }
    Epoch aside = store.setAside().get(entry.vid());
    int zones = Math.max(1, ring.zones());
    int place = ring.targets(ObjectId.inode(entry.vid()), zones).indexOf(address);
    if (aside == null && place >= 0) {
      return new Rank(place, 0);
    }
    Epoch current = aside == null ? store.newestEpoch() : aside;
    return new Rank(NO_TARGET, -Integer.toUnsignedLong(current.value()));
  }

  private Epoch newestEpoch() {
    return epochs.isEmpty() ? Epoch.ZERO : epochs.get(epochs.size() - 1).epoch();
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
