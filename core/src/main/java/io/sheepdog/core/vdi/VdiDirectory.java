package io.sheepdog.core.vdi;

import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry.State;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.VdiBitmap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * All vids that were ever used since format, with what their inode headers say. Immutable; every
 * change gives a new directory that shares what did not change.
 *
 * <p>The methods that change something keep the indexes true and check nothing; the rules of what
 * may change when are in {@link io.sheepdog.core.cluster.ClusterState#apply}.
 */
public final class VdiDirectory {
  /** No vid was ever used. */
  public static final VdiDirectory EMPTY =
      new VdiDirectory(
          TreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty());

  private final TreePMap<VdiId, VdiEntry> entries;

  /** Heads and snapshots of each name by snapshot id. */
  private final PMap<String, TreePMap<Integer, VdiId>> names;

  private final PMap<VdiId, TreePSet<VdiId>> children;
  private final TreePMap<VdiId, Reservation> reservations;
  private final TreePMap<VdiId, MemberId> deletions;

  private VdiDirectory(
      TreePMap<VdiId, VdiEntry> entries,
      PMap<String, TreePMap<Integer, VdiId>> names,
      PMap<VdiId, TreePSet<VdiId>> children,
      TreePMap<VdiId, Reservation> reservations,
      TreePMap<VdiId, MemberId> deletions) {
    this.entries = entries;
    this.names = names;
    this.children = children;
    this.reservations = reservations;
    this.deletions = deletions;
  }

  /** The directory with these entries and no reservation or deletion under way. */
  public static VdiDirectory of(Collection<VdiEntry> entries) {
    VdiDirectory directory = EMPTY;
    for (VdiEntry entry : entries) {
      directory = directory.put(entry);
    }
    return directory;
  }

  /** The entry of a vid, null if it was never used. */
  public @Nullable VdiEntry entry(VdiId vid) {
    return entries.get(vid);
  }

  /** All entries, ascending by vid. */
  public Collection<VdiEntry> entries() {
    return entries.values();
  }

  /** Entries from that vid on, ascending. */
  public Collection<VdiEntry> entriesFrom(VdiId first) {
    return entries.tailMap(first).values();
  }

  /** The working VDI of that name, null if there is none. */
  public @Nullable VdiEntry head(String name) {
    VdiEntry newest = newest(name);
    return newest == null || newest.state() != State.HEAD ? null : newest;
  }

  /** The head or snapshot of that name with the highest snapshot id, null if there is none. */
  public @Nullable VdiEntry newest(String name) {
    PSortedMap<Integer, VdiId> generations = names.get(name);
    return generations == null ? null : entries.get(generations.lastEntry().getValue());
  }

  /** Heads and snapshots of that name, ascending by snapshot id. */
  public List<VdiEntry> generations(String name) {
    TreePMap<Integer, VdiId> generations = names.get(name);
    List<VdiEntry> result = new ArrayList<>();
    if (generations != null) {
      for (VdiId vid : generations.values()) {
        result.add(existing(vid));
      }
    }
    return result;
  }

  /**
   * Every entry whose contents started with those of {@code vid}, whatever its state, ascending.
   */
  public List<VdiEntry> children(VdiId vid) {
    TreePSet<VdiId> ids = children.get(vid);
    List<VdiEntry> result = new ArrayList<>();
    if (ids != null) {
      for (VdiId id : ids) {
        result.add(existing(id));
      }
    }
    return result;
  }

  /**
   * All entries that share data with {@code vid} or may: its oldest ancestor and all descendants of
   * that, whatever their state, ascending; empty if the vid was never used.
   */
  public Collection<VdiEntry> family(VdiId vid) {
    TreeMap<VdiId, VdiEntry> found = new TreeMap<>();
    Deque<VdiId> open = new ArrayDeque<>();
    open.add(vid);
    while (!open.isEmpty()) {
      VdiEntry entry = entries.get(open.remove());
      if (entry != null && found.put(entry.vid(), entry) == null) {
        if (!entry.parent().isNone()) {
          open.add(entry.parent());
        }
        TreePSet<VdiId> ids = children.get(entry.vid());
        if (ids != null) {
          open.addAll(ids);
        }
      }
    }
    return found.values();
  }

  /** The vid from which all others of its family descend; itself if it was never used. */
  public VdiId oldestAncestor(VdiId vid) {
    VdiId oldest = vid;
    VdiEntry entry = entries.get(vid);
    while (entry != null && !entry.parent().isNone()) {
      oldest = entry.parent();
      entry = entries.get(oldest);
    }
    return oldest;
  }

  /** How many vids of a family are deleted or never came to be; it never falls. */
  public int deadInFamily(VdiId vid) {
    int dead = 0;
    for (VdiEntry entry : family(vid)) {
      if (entry.state() == VdiEntry.State.DELETING || entry.state() == VdiEntry.State.TOMBSTONE) {
        dead++;
      }
    }
    return dead;
  }

  /** Vids whose inode is being written. */
  public PMap<VdiId, Reservation> reservations() {
    return reservations;
  }

  /** Vids in state {@link State#DELETING} with the member that gives their space back. */
  public PMap<VdiId, MemberId> deletions() {
    return deletions;
  }

  /** Whether new writes to this vid have to wait because a snapshot of it is being made (R11). */
  public boolean isFrozen(VdiId vid) {
    for (Reservation reservation : reservations.values()) {
      if (reservation.frozen().equals(vid)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a reservation of that name is under way. */
  public boolean isReserved(String name) {
    for (VdiId vid : reservations.keySet()) {
      if (existing(vid).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a reservation under way starts with the contents of this vid, or freezes it. */
  public boolean isBaseOfReservation(VdiId vid) {
    for (var reserved : reservations.entrySet()) {
      if (reserved.getValue().frozen().equals(vid)
          || existing(reserved.getKey()).parent().equals(vid)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Finds a VDI as clients name it (spec/object-model.md section 2.2). Tags and snapshot ids are
   * never interchanged, and neither ever finds the working VDI.
   *
   * @param name VDI name
   * @param tag snapshot tag, empty for none
   * @param snapshotId snapshot id, 0 for none; without tag and id the working VDI is meant
   */
  public VdiLookup lookup(String name, String tag, int snapshotId) {
    if (tag.isEmpty() && snapshotId == 0) {
      VdiEntry head = head(name);
      return head == null ? VdiLookup.missing(ResultCode.NO_VDI) : VdiLookup.found(head);
    }
    PSortedMap<Integer, VdiId> generations = names.get(name);
    if (generations == null) {
      return VdiLookup.missing(ResultCode.NO_VDI);
    }
    boolean hasHead = false;
    for (VdiId vid : generations.descendingMap().values()) {
      VdiEntry entry = existing(vid);
      if (entry.state() == State.HEAD) {
        hasHead = true;
      } else if ((!tag.isEmpty() && entry.tag().equals(tag)) || entry.snapshotId() == snapshotId) {
        return VdiLookup.found(entry);
      }
    }
    return VdiLookup.missing(hasHead ? ResultCode.NO_TAG : ResultCode.NO_VDI);
  }

  /**
   * The vid that a new VDI of that name gets: the first unused one from the name's hash on, null if
   * all are used.
   */
  public @Nullable VdiId freeVid(String name) {
    VdiId start = VdiId.hashOf(name);
    if (entries.size() >= Limits.VDI_ID_COUNT - 1) {
      return null;
    }
    VdiId vid = start;
    while (entries.containsKey(vid)) {
      vid = vid.next();
    }
    return vid;
  }

  /** Snapshot id of the next VDI of that name. */
  public int nextSnapshotId(String name) {
    VdiEntry newest = newest(name);
    return newest == null ? 1 : newest.snapshotId() + 1;
  }

  /** Bit v is set when vid v was ever used (READ_VDIS). */
  public VdiBitmap inUseBitmap() {
    VdiBitmap bitmap = new VdiBitmap();
    for (VdiId vid : entries.keySet()) {
      bitmap.set(vid);
    }
    return bitmap;
  }

  /** Bit v is set when vid v was deleted or its reservation given up (READ_DEL_VDIS). */
  public VdiBitmap deletedBitmap() {
    VdiBitmap bitmap = new VdiBitmap();
    for (VdiEntry entry : entries.values()) {
      if (entry.state() == State.DELETING || entry.state() == State.TOMBSTONE) {
        bitmap.set(entry.vid());
      }
    }
    return bitmap;
  }

  /** Adds an entry or replaces the one of the same vid. */
  public VdiDirectory put(VdiEntry entry) {
    VdiEntry old = entries.get(entry.vid());
    PMap<String, TreePMap<Integer, VdiId>> newNames = names;
    PMap<VdiId, TreePSet<VdiId>> newChildren = children;
    if (old != null) {
      newNames = withoutName(newNames, old);
      newChildren = withoutChild(newChildren, old);
    }
    return new VdiDirectory(
        entries.plus(entry.vid(), entry),
        withName(newNames, entry),
        withChild(newChildren, entry),
        reservations,
        deletions);
  }

  /** Adds or replaces a reservation. */
  public VdiDirectory reserve(VdiId vid, Reservation reservation) {
    return new VdiDirectory(
        entries, names, children, reservations.plus(vid, reservation), deletions);
  }

  /** Ends a reservation. */
  public VdiDirectory endReservation(VdiId vid) {
    return new VdiDirectory(entries, names, children, reservations.minus(vid), deletions);
  }

  /** Notes who gives back the space of a deleted vid. */
  public VdiDirectory beginDeletion(VdiId vid, MemberId originator) {
    return new VdiDirectory(
        entries, names, children, reservations, deletions.plus(vid, originator));
  }

  /** Ends a deletion. */
  public VdiDirectory endDeletion(VdiId vid) {
    return new VdiDirectory(entries, names, children, reservations, deletions.minus(vid));
  }

  private VdiEntry existing(VdiId vid) {
    return Objects.requireNonNull(entries.get(vid));
  }

  private static boolean isNamed(VdiEntry entry) {
    return entry.state() == State.HEAD || entry.state() == State.SNAPSHOT;
  }

  private static PMap<String, TreePMap<Integer, VdiId>> withName(
      PMap<String, TreePMap<Integer, VdiId>> names, VdiEntry entry) {
    if (!isNamed(entry)) {
      return names;
    }
    TreePMap<Integer, VdiId> generations = names.get(entry.name());
    TreePMap<Integer, VdiId> before = generations == null ? TreePMap.empty() : generations;
    return names.plus(entry.name(), before.plus(entry.snapshotId(), entry.vid()));
  }

  private static PMap<String, TreePMap<Integer, VdiId>> withoutName(
      PMap<String, TreePMap<Integer, VdiId>> names, VdiEntry entry) {
    TreePMap<Integer, VdiId> generations = names.get(entry.name());
    if (!isNamed(entry)
        || generations == null
        || !entry.vid().equals(generations.get(entry.snapshotId()))) {
      return names;
    }
    TreePMap<Integer, VdiId> rest = generations.minus(entry.snapshotId());
    return rest.isEmpty() ? names.minus(entry.name()) : names.plus(entry.name(), rest);
  }

  private static PMap<VdiId, TreePSet<VdiId>> withChild(
      PMap<VdiId, TreePSet<VdiId>> children, VdiEntry entry) {
    if (entry.parent().isNone()) {
      return children;
    }
    TreePSet<VdiId> siblings = children.get(entry.parent());
    TreePSet<VdiId> before = siblings == null ? TreePSet.empty() : siblings;
    return children.plus(entry.parent(), before.plus(entry.vid()));
  }

  private static PMap<VdiId, TreePSet<VdiId>> withoutChild(
      PMap<VdiId, TreePSet<VdiId>> children, VdiEntry entry) {
    TreePSet<VdiId> siblings = children.get(entry.parent());
    if (siblings == null) {
      return children;
    }
    TreePSet<VdiId> rest = siblings.minus(entry.vid());
    return rest.isEmpty() ? children.minus(entry.parent()) : children.plus(entry.parent(), rest);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VdiDirectory that
        && entries.equals(that.entries)
        && reservations.equals(that.reservations)
        && deletions.equals(that.deletions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(entries, reservations, deletions);
  }

  @Override
  public String toString() {
    return "VdiDirectory"
        + entries.values()
        + " reserved="
        + reservations
        + " deleting="
        + deletions;
  }
}
