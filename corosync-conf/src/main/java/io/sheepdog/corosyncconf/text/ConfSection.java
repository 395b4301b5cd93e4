package io.sheepdog.corosyncconf.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A section, or the whole file.
 *
 * @param path names of the sections around it and its own, with dots between: {@code
 *     totem.interface}; empty for the whole file
 * @param first number of the line that opens it; 1 for the whole file
 * @param last number of the line that closes it; the last line for the whole file
 * @param entries its keys in the order of the file
 * @param sections its sections in the order of the file
 */
public record ConfSection(
    String path, int first, int last, List<ConfEntry> entries, List<ConfSection> sections) {

  public ConfSection {
    entries = List.copyOf(entries);
    sections = List.copyOf(sections);
  }

  /** Its own name, without those of the sections around it. */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** The value that counts: corosync takes the last one. Null if the key is not there. */
  public @Nullable ConfEntry entry(String key) {
    ConfEntry found = null;
    for (ConfEntry entry : entries) {
      if (entry.key().equals(key)) {
        found = entry;
      }
    }
    return found;
  }
}
