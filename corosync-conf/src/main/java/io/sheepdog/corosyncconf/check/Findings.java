package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what the rules find, up to a bound. */
final class Findings {
  /** A file with more mistakes is not a corosync.conf. */
  static final int MAX = 500;

  private final List<Finding> found = new ArrayList<>();

  void error(int line, String key, String what, String why, String remedy) {
    add(new Finding(Severity.ERROR, line, key, what, why, remedy));
  }

  void warning(int line, String key, String what, String why, String remedy) {
    add(new Finding(Severity.WARNING, line, key, what, why, remedy));
  }

  private void add(Finding finding) {
    if (found.size() < MAX) {
      found.add(finding);
    }
  }

  /** A key and its value as they are quoted in messages. */
  static String quoted(ConfEntry entry) {
    return "'" + Quoted.of(entry.key() + ": " + entry.value()) + "'";
  }

  /** In the order of the file, errors of a line first. */
  List<Finding> sorted() {
    List<Finding> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingInt(Finding::line).thenComparing(Finding::severity));
    return List.copyOf(sorted);
  }
}
