package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What may be left of one object after a crash. */
final class ObjectOracle {
  /** A write and whether it must be there. */
  private record Write(int mark, boolean durable) {}

  /**
   * The object between two changes of its name.
   *
   * @param mark of the action that made it; 0 if there is none
   * @param sectors marks of what its sectors held then
   * @param asideName the copy that its end made, when it ended by that
   */
  private record Generation(
      int mark, List<Integer> sectors, List<Write> writes, @Nullable String asideName) {
    boolean present() {
      return mark != 0;
    }
  }

  /** A copy that was set aside. */
  private static final class Aside {
    final List<Integer> sectors;
    boolean mustBeThere;
    boolean mayBeThere = true;

    Aside(List<Integer> sectors, boolean mustBeThere) {
      this.sectors = sectors;
      this.mustBeThere = mustBeThere;
    }
  }

  private final ObjectId oid;
  private final StoreHistory history;
  private final boolean cacheSurvives;
  private final List<Generation> generations = new ArrayList<>();
  private final Map<String, Aside> asides = new TreeMap<>();

  /** Copies that were set aside and may have been removed since. */
  private final Set<String> purged = new HashSet<>();

  /** What copies of this object begin with; null for one that is only followed as a source. */
  private final @Nullable ObjectOracle source;

  /** The oldest generation that may be left. */
  private int floor;

  /** Marks from this one on were set after the object was last called clean. */
  private int dirtyFrom = StoreAction.BASE_MARK + 1;

  /**
   * Follows the history.
   *
   * @param formatted whether A is there, clean and durable, before the first action
   * @param cacheSurvives the process ended, not the power
   */
  ObjectOracle(ObjectId oid, boolean formatted, StoreHistory history, boolean cacheSurvives) {
    this(oid, formatted, history, cacheSurvives, source(oid, formatted, history, cacheSurvives));
    for (int number = 0; number < history.submitted(); number++) {
      follow(number, history.action(number));
      Objects.requireNonNull(source).follow(number, history.action(number));
    }
  }

  /** What copies are made of; no sequence copies a copy back. */
  private static ObjectOracle source(
      ObjectId oid, boolean formatted, StoreHistory history, boolean cacheSurvives) {
    ObjectId other = oid.equals(StoreAction.A) ? StoreAction.B : StoreAction.A;
    return new ObjectOracle(other, formatted, history, cacheSurvives, null);
  }

  private ObjectOracle(
      ObjectId oid,
      boolean formatted,
      StoreHistory history,
      boolean cacheSurvives,
      @Nullable ObjectOracle source) {
    this.oid = oid;
    this.source = source;
    this.history = history;
    this.cacheSurvives = cacheSurvives;
    boolean isThere = formatted && oid.equals(StoreAction.A);
    generations.add(generation(isThere ? StoreAction.BASE_MARK : 0));
  }

  private static Generation generation(int mark) {
    return new Generation(mark, List.of(mark, mark, 0, 0), new ArrayList<>(), null);
  }

  private Generation current() {
    return generations.get(generations.size() - 1);
  }

  private void follow(int number, StoreAction action) {
    boolean concerned = action.object().equals(oid) && history.possible(number);
    switch (action.kind()) {
      case CREATE -> {
        if (concerned) {
          next(number, generation(StoreAction.mark(number)));
        }
      }
      case COPY -> {
        if (concerned && source != null && source.current().present()) {
          int mark = StoreAction.mark(number);
          List<Integer> sectors = new ArrayList<>(source.sectors());
          sectors.set(0, mark);
          sectors.set(1, mark);
          next(number, new Generation(mark, sectors, new ArrayList<>(), null));
        }
      }
      case WRITE, CACHED -> {
        if (concerned && current().present()) {
          write(number, action);
        }
      }
      case REMOVE -> {
        if (concerned && current().present()) {
          next(number, generation(0));
        }
      }
      case SET_ASIDE -> {
        if (concerned && current().present()) {
          setAside(number);
        }
      }
      case PURGE -> {
        if (concerned) {
          purged.addAll(asides.keySet());
          asidesMayGo(number);
        }
      }
      case TAKE_BACK -> {
        if (concerned) {
          takeBack(number);
        }
      }
      case MARK_CLEAN -> {
        if (concerned) {
          dirtyFrom = StoreAction.mark(number) + 1;
        }
      }
      case WIPE -> {
        asidesMayGo(number);
        next(number, generation(0));
      }
      case SYNC, CLOSE, SAVE_EPOCH, CLEAR_EPOCHS, SAVE_CONFIG, SAVE_RECOVERY -> {}
    }
  }

  private void asidesMayGo(int number) {
    for (Aside aside : asides.values()) {
      aside.mustBeThere = false;
      aside.mayBeThere &= !history.confirmed(number);
    }
  }

  private void next(int number, Generation generation) {
    generations.add(generation);
    raiseFloor(history.confirmed(number));
  }

  private void raiseFloor(boolean durable) {
    if (durable) {
      floor = generations.size() - 1;
    }
  }

  private void write(int number, StoreAction action) {
    boolean kept = cacheSurvives || action.kind() == StoreAction.Kind.WRITE || flushedLater(number);
    boolean durable = history.confirmed(number) && kept;
    current().writes().add(new Write(StoreAction.mark(number), durable));
    raiseFloor(durable);
  }

  /** A sync covers what was acknowledged before it was asked for (P1), an orderly stop, too. */
  private boolean flushedLater(int number) {
    for (int later = number + 1; later < history.submitted(); later++) {
      StoreAction.Kind kind = history.action(later).kind();
      boolean flushes = kind == StoreAction.Kind.SYNC || kind == StoreAction.Kind.CLOSE;
      if (flushes && history.confirmed(later) && history.before(number, later)) {
        return true;
      }
    }
    return false;
  }

  /** A copy is moved with everything that was written to it. */
  private void setAside(int number) {
    String name = oid + "." + StoreAction.mark(number);
    asides.put(name, new Aside(sectors(), history.confirmed(number)));
    next(number, new Generation(0, List.of(), new ArrayList<>(), name));
  }

  /** What programs see now. */
  private List<Integer> sectors() {
    List<Integer> sectors = new ArrayList<>();
    for (int sector = 0; sector < StoreAction.SECTORS; sector++) {
      List<Write> writes = writesOf(current(), sector);
      sectors.add(writes.get(writes.size() - 1).mark());
    }
    return sectors;
  }

  /** No sequence is so long that there could be two copies. */
  private void takeBack(int number) {
    for (Map.Entry<String, Aside> entry : asides.entrySet()) {
      Aside aside = entry.getValue();
      if (aside.mayBeThere && !purged.contains(entry.getKey())) {
        aside.mustBeThere = false;
        aside.mayBeThere = !history.confirmed(number);
        int mark = StoreAction.mark(number);
        next(number, new Generation(mark, aside.sectors, new ArrayList<>(), null));
      }
    }
  }

  /** What was written to a sector, the creation first. */
  private static List<Write> writesOf(Generation generation, int sector) {
    List<Write> writes = new ArrayList<>();
    writes.add(new Write(generation.sectors().get(sector), true));
    if (sector == 1 || sector == 2) {
      writes.addAll(generation.writes());
    }
    return writes;
  }

  /** What is wrong with what a crash left, null if nothing is. */
  @Nullable String objection(StoreView view) {
    StoreView.Copy copy = view.objects().get(oid);
    String objection = copy == null ? objectionToAbsence(view) : objectionTo(copy, view);
    return objection != null ? objection : objectionToAsides(view);
  }

  private @Nullable String objectionToAbsence(StoreView view) {
    Set<String> excuses = new HashSet<>();
    for (Generation generation : generations.subList(floor, generations.size())) {
      if (!generation.present() && generation.asideName() == null) {
        return null;
      }
      if (generation.asideName() != null) {
        excuses.add(generation.asideName());
      }
    }
    if (excuses.stream().anyMatch(purged::contains)) {
      return null;
    }
    return view.aside().keySet().stream().anyMatch(excuses::contains) ? null : "it is lost";
  }

  private @Nullable String objectionTo(StoreView.Copy copy, StoreView view) {
    for (Generation generation : generations.subList(floor, generations.size())) {
      if (generation.present() && generation.mark() == copy.epoch()) {
        return objectionTo(copy, generation, view);
      }
    }
    return "it should be gone or replaced, and is " + copy;
  }

  private @Nullable String objectionTo(StoreView.Copy copy, Generation generation, StoreView view) {
    if (copy.sectors().size() != StoreAction.SECTORS) {
      return "it cannot be read";
    }
    boolean dirty = generation.mark() >= dirtyFrom;
    for (int sector = 0; sector < StoreAction.SECTORS; sector++) {
      int found = copy.sectors().get(sector);
      if (!candidates(generation, sector).contains(found)) {
        return "sector " + sector + " of " + copy + " is none of what was last written there";
      }
      dirty |= found >= dirtyFrom;
    }
    return dirty && !view.dirty().contains(oid) ? "it was changed and is not marked dirty" : null;
  }

  private static Set<Integer> candidates(Generation generation, int sector) {
    Set<Integer> candidates = new HashSet<>();
    for (Write write : writesOf(generation, sector)) {
      if (write.durable()) {
        candidates.clear();
      }
      candidates.add(write.mark());
    }
    return candidates;
  }

  private @Nullable String objectionToAsides(StoreView view) {
    Map<String, StoreView.Copy> found = new HashMap<>(view.aside());
    found.keySet().removeIf(name -> !name.startsWith(oid + "."));
    for (Map.Entry<String, Aside> entry : asides.entrySet()) {
      StoreView.Copy copy = found.remove(entry.getKey());
      Aside aside = entry.getValue();
      if (copy == null ? aside.mustBeThere : !aside.mayBeThere) {
        return "the copy set aside as " + entry.getKey() + (copy == null ? " is lost" : " is left");
      }
      if (copy != null && !copy.sectors().equals(aside.sectors)) {
        return "the copy set aside as " + entry.getKey() + " has sectors " + copy.sectors();
      }
    }
    return found.isEmpty() ? null : "nobody set aside " + found.keySet();
  }
}
