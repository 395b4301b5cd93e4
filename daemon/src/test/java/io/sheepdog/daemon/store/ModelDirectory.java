package io.sheepdog.daemon.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The names in a directory as the disk has them, and what became of them since and was never
 * synced. They reach the disk in their order.
 */
final class ModelDirectory {
  /** Stands for the number of a file where a name is that of a directory. */
  static final int DIRECTORY = -1;

  private static final int NONE = -2;

  /** Names that change together; equal only to itself. */
  static final class Change {
    private final Map<String, Integer> names;

    Change(Map<String, Integer> names) {
      this.names = names;
    }
  }

  private Map<String, Integer> durable = new TreeMap<>();
  private final List<Change> pending = new ArrayList<>();

  /** A name that is there from the beginning. */
  void has(String name, int number) {
    durable.put(name, number);
  }

  Change add(String name, int number) {
    return change(Map.of(name, number));
  }

  Change remove(String name) {
    return change(Map.of(name, NONE));
  }

  /** Renames within the directory, which happens as a whole or not at all. */
  void rename(String from, String to) {
    change(Map.of(from, NONE, to, number(from)));
  }

  private Change change(Map<String, Integer> names) {
    Change change = new Change(names);
    pending.add(change);
    return change;
  }

  int number(String name) {
    return Objects.requireNonNull(survivors().get(pending.size()).get(name), name);
  }

  int changes() {
    return pending.size();
  }

  /** How many changes must have reached the disk for this one to be there. */
  int upTo(Change change) {
    return pending.indexOf(change) + 1;
  }

  /** The first {@code count} changes are on the disk. */
  void commit(int count) {
    durable = survivors().get(count);
    pending.subList(0, count).clear();
  }

  /** What may be on the disk: for each number of changes that reached it. */
  List<Map<String, Integer>> survivors() {
    List<Map<String, Integer>> all = new ArrayList<>();
    all.add(durable);
    Map<String, Integer> names = durable;
    for (Change change : pending) {
      names = new TreeMap<>(names);
      names.putAll(change.names);
      names.values().removeIf(number -> number == NONE);
      all.add(names);
    }
    return all;
  }
}
