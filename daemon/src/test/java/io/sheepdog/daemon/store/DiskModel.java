package io.sheepdog.daemon.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file system that promises what a journal of names gives and no more (ext4, xfs, btrfs): what
 * was not synced may be lost when power fails, each file and each directory by itself. The names of
 * one directory change on the disk in their order; a rename from one directory to another is there
 * as a whole or not at all. The content of a file waits for nothing but its own sync.
 */
final class DiskModel {
  /** A rename from one directory to another. */
  record Move(
      String fromDirectory,
      ModelDirectory.Change removal,
      String toDirectory,
      ModelDirectory.Change addition) {}

  private final Map<Integer, ModelFile> files = new TreeMap<>();
  private final Map<String, ModelDirectory> directories = new TreeMap<>();
  private final List<Move> moves = new ArrayList<>();

  /** Begins with {@code image}, durable. */
  DiskModel(DiskImage image) {
    directories.put("", new ModelDirectory());
    for (String path : image.directories()) {
      directories.put(path, new ModelDirectory());
      directory(parent(path)).has(name(path), ModelDirectory.DIRECTORY);
    }
    image
        .files()
        .forEach(
            (path, content) -> {
              int number = files.size();
              files.put(number, new ModelFile(content));
              directory(parent(path)).has(name(path), number);
            });
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private ModelDirectory directory(String path) {
    return Objects.requireNonNull(directories.get(path), path);
  }

  private ModelFile file(int number) {
    return Objects.requireNonNull(files.get(number));
  }

  /** Does what a call did; false if the event is not one of the disk's. */
  boolean apply(DiskEvent event) {
    if (event instanceof DiskEvent.MakeDirectory made) {
      directories.put(made.path(), new ModelDirectory());
      directory(parent(made.path())).add(name(made.path()), ModelDirectory.DIRECTORY);
    } else if (event instanceof DiskEvent.Create created) {
      files.put(created.file(), new ModelFile(FileContent.EMPTY));
      directory(parent(created.path())).add(name(created.path()), created.file());
    } else if (event instanceof DiskEvent.Rename renamed) {
      rename(renamed.from(), renamed.to());
    } else if (event instanceof DiskEvent.Delete deleted) {
      directory(parent(deleted.path())).remove(name(deleted.path()));
    } else if (event instanceof DiskEvent.Resize resized) {
      file(resized.file()).resize(resized.size());
    } else if (event instanceof DiskEvent.Data data) {
      file(data.file()).write(data);
    } else if (event instanceof DiskEvent.Attribute attribute) {
      file(attribute.file()).setAttribute(attribute.name(), attribute.value());
    } else if (event instanceof DiskEvent.SyncFile synced) {
      file(synced.file()).sync(synced.attributes());
    } else if (event instanceof DiskEvent.SyncDirectory synced) {
      sync(synced.path());
    } else {
      return false;
    }
    return true;
  }

  private void rename(String from, String to) {
    ModelDirectory source = directory(parent(from));
    if (parent(from).equals(parent(to))) {
      source.rename(name(from), name(to));
      return;
    }
    ModelDirectory.Change addition = directory(parent(to)).add(name(to), source.number(name(from)));
    moves.add(new Move(parent(from), source.remove(name(from)), parent(to), addition));
  }

  private void sync(String path) {
    Map<String, Integer> reached = new HashMap<>();
    directories.keySet().forEach(each -> reached.put(each, 0));
    reached.put(path, directory(path).changes());
    keepMovesWhole(reached);
    reached.forEach((each, count) -> directory(each).commit(count));
    moves.removeIf(move -> directory(move.fromDirectory()).upTo(move.removal()) == 0);
  }

  /** Lets more changes reach the disk until each move has reached both its directories or none. */
  void keepMovesWhole(Map<String, Integer> reached) {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Move move : moves) {
        int removal = directory(move.fromDirectory()).upTo(move.removal());
        int addition = directory(move.toDirectory()).upTo(move.addition());
        boolean removed = reached.getOrDefault(move.fromDirectory(), 0) >= removal;
        boolean added = reached.getOrDefault(move.toDirectory(), 0) >= addition;
        if (removed != added) {
          changed = true;
          reached.merge(move.fromDirectory(), removal, Math::max);
          reached.merge(move.toDirectory(), addition, Math::max);
        }
      }
    }
  }

  /** What is left when only the process ends. */
  DiskImage cached() {
    return new DiskChoices(this, files, directories).image(true);
  }

  /** What may be left when power fails now. */
  Set<DiskImage> survivors() {
    Set<DiskImage> images = new LinkedHashSet<>();
    new DiskChoices(this, files, directories).all(images);
    return images;
  }
}
