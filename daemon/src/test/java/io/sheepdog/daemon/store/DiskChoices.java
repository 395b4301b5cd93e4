package io.sheepdog.daemon.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Every file and directory with what it may be after a loss of power, and a choice among that. */
final class DiskChoices {
  /** So many combinations of what is lost are all looked at; of more, a part. */
  private static final int ALL_COMBINATIONS = 32;

  /** A file (its number) or a directory (its path). */
  private interface Part {
    int options();

    void choose(int option);
  }

  private final DiskModel model;
  private final Map<Integer, List<FileContent>> contents = new HashMap<>();
  private final Map<String, List<Map<String, Integer>>> names = new HashMap<>();
  private final Map<Integer, Integer> chosenContents = new HashMap<>();
  private final Map<String, Integer> chosenNames = new HashMap<>();
  private final List<Part> undecided = new ArrayList<>();

  DiskChoices(
      DiskModel model, Map<Integer, ModelFile> files, Map<String, ModelDirectory> directories) {
    this.model = model;
    files.forEach(
        (number, file) -> {
          contents.put(number, file.survivors());
          decide(number, contents, chosenContents);
        });
    directories.forEach(
        (path, directory) -> {
          names.put(path, directory.survivors());
          decide(path, names, chosenNames);
        });
  }

  private <K, V> void decide(K key, Map<K, List<V>> options, Map<K, Integer> chosen) {
    int count = Objects.requireNonNull(options.get(key)).size();
    if (count > 1) {
      undecided.add(
          new Part() {
            @Override
            public int options() {
              return count;
            }

            @Override
            public void choose(int option) {
              chosen.put(key, option);
            }
          });
    }
  }

  /** Nothing of what was not synced is left, or everything. */
  DiskImage image(boolean cached) {
    chooseAll(cached);
    return chosen();
  }

  private void chooseAll(boolean cached) {
    undecided.forEach(part -> part.choose(cached ? part.options() - 1 : 0));
  }

  /**
   * Every combination of what each file and directory may have, if those are few; else one of them
   * anything and the others all as synced, or all as cached.
   */
  void all(Set<DiskImage> images) {
    long combinations = 1;
    for (Part part : undecided) {
      combinations = Math.min(combinations * part.options(), ALL_COMBINATIONS + 1);
    }
    if (combinations <= ALL_COMBINATIONS) {
      choose(0, images);
    } else {
      vary(false, images);
      vary(true, images);
    }
  }

  private void choose(int from, Set<DiskImage> images) {
    if (from == undecided.size()) {
      images.add(chosen());
      return;
    }
    Part part = undecided.get(from);
    for (int option = 0; option < part.options(); option++) {
      part.choose(option);
      choose(from + 1, images);
    }
  }

  private void vary(boolean cached, Set<DiskImage> images) {
    for (Part part : undecided) {
      chooseAll(cached);
      for (int option = 0; option < part.options(); option++) {
        part.choose(option);
        images.add(chosen());
      }
    }
  }

  private DiskImage chosen() {
    Map<String, Integer> reached = new HashMap<>(chosenNames);
    model.keepMovesWhole(reached);
    DiskImage image = new DiskImage(new TreeSet<>(), new TreeMap<>());
    walk("", reached, image);
    return image;
  }

  private void walk(String directory, Map<String, Integer> reached, DiskImage image) {
    List<Map<String, Integer>> options = Objects.requireNonNull(names.get(directory));
    Map<String, Integer> entries = options.get(reached.getOrDefault(directory, 0));
    entries.forEach(
        (name, number) -> {
          String path = directory.isEmpty() ? name : directory + "/" + name;
          if (number == ModelDirectory.DIRECTORY) {
            image.directories().add(path);
            walk(path, reached, image);
          } else {
            List<FileContent> content = Objects.requireNonNull(contents.get(number));
            image.files().put(path, content.get(chosenContents.getOrDefault(number, 0)));
          }
        });
  }
}
