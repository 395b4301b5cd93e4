package io.sheepdog.daemon.store;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A file as the disk has it, and what was done to it since and never synced. */
final class ModelFile {
  private interface Change {
    FileContent apply(FileContent before);

    /** The same when power fails in the middle of it. */
    default FileContent tear(FileContent before) {
      return before;
    }
  }

  private FileContent durable;
  private final List<Change> pending = new ArrayList<>();

  ModelFile(FileContent durable) {
    this.durable = durable;
  }

  void resize(long size) {
    pending.add(before -> before.resized(Math.toIntExact(size)));
  }

  void write(DiskEvent.Data data) {
    int position = Math.toIntExact(data.position());
    byte[] bytes = data.bytes();
    pending.add(
        new Change() {
          @Override
          public FileContent apply(FileContent before) {
            return before.written(position, bytes, bytes.length);
          }

          @Override
          public FileContent tear(FileContent before) {
            return before.written(position, bytes, bytes.length / 2);
          }
        });
  }

  /** An attribute is not torn; {@code fdatasync} leaves it out. */
  void setAttribute(String name, String value) {
    pending.add(before -> before.attributed(name, value));
  }

  void sync(boolean attributes) {
    FileContent now = now();
    if (attributes || now.attributes().equals(durable.attributes())) {
      durable = now;
      pending.clear();
      return;
    }
    durable = now.withAttributesOf(durable);
    pending.clear();
    now.attributes().forEach(this::setAttribute);
  }

  /** What is in the page cache. */
  FileContent now() {
    FileContent content = durable;
    for (Change change : pending) {
      content = change.apply(content);
    }
    return content;
  }

  /**
   * What may be on the disk, the durable content first, the present one last: the changes up to
   * each of them, the next one torn; the last alone; the new size with zeros.
   */
  List<FileContent> survivors() {
    Set<FileContent> all = new LinkedHashSet<>();
    FileContent content = durable;
    all.add(content);
    for (Change change : pending) {
      all.add(change.tear(content));
      content = change.apply(content);
      all.add(content);
    }
    if (!pending.isEmpty()) {
      all.add(pending.get(pending.size() - 1).apply(durable));
      all.add(durable.resized(content.size()));
      all.remove(content);
      all.add(content);
    }
    return List.copyOf(all);
  }
}
