package io.sheepdog.daemon.store;

import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The objects that may differ from their replicas (R10), durable before they do: after a crash
 * exactly these need comparing.
 *
 * <p>The file {@code dirty} is a sequence of {@link DirtyRecord}s, appended and now and then
 * rewritten with only those that count, so it stays below {@value DirtyRecord#SIZE} bytes times
 * (twice the dirty objects + {@value #SLACK}). Thread-safe; an object is marked by one thread at a
 * time (its stripe).
 */
final class DirtyLog implements AutoCloseable {
  private static final int SLACK = 4096;

  private final Disk disk;
  private final Path file;
  private final Set<ObjectId> dirty = ConcurrentHashMap.newKeySet();
  private final GroupCommit commit = new GroupCommit(this::commit);
  private final Object appendLock = new Object();
  private FileChannel channel;
  private long records;

  /**
   * Reads the log, drops objects that are no longer here, rewrites it.
   *
   * @param here all objects that are here; if the log is damaged they are all dirty
   */
  static DirtyLog open(Disk disk, Path file, Collection<ObjectId> here, Predicate<ObjectId> isHere)
      throws IOException {
    Collection<ObjectId> known = List.of();
    if (Files.exists(file)) {
      try {
        known = DirtyRecord.replay(file);
      } catch (CheckedText.FormatException e) {
        StoreEvent.DIRTY_LOG_DAMAGED.log("file={} reason=\"{}\"", file, e.toString());
        known = here;
      }
    }
    return new DirtyLog(disk, file, known.stream().filter(isHere).toList());
  }

  private DirtyLog(Disk disk, Path file, Collection<ObjectId> initial) throws IOException {
    this.disk = disk;
    this.file = file;
    dirty.addAll(initial);
    channel = rewrite();
  }

  /** All dirty objects, ascending. */
  List<ObjectId> objects() {
    return List.copyOf(new TreeSet<>(dirty));
  }

  boolean isDirty(ObjectId oid) {
    return dirty.contains(oid);
  }

  /**
   * Marks objects dirty; durable on return, one fsync for all that are marked at the same time by
   * whatever thread. Those that are dirty already cost nothing. After an exception none of the new
   * ones is marked.
   */
  void markBeforeWrite(Collection<ObjectId> oids) throws IOException {
    List<ObjectId> fresh = oids.stream().filter(oid -> !dirty.contains(oid)).distinct().toList();
    if (fresh.isEmpty()) {
      return;
    }
    append(fresh, true);
    try {
      commit.sync();
    } catch (IOException e) {
      fresh.forEach(dirty::remove);
      throw e;
    }
  }

  /**
   * Takes the marks away. Not synced: a mark that comes back after a crash only costs a comparison,
   * and a later mark is appended behind.
   */
  void markClean(Collection<ObjectId> oids) throws IOException {
    List<ObjectId> marked = oids.stream().filter(dirty::contains).toList();
    if (marked.isEmpty()) {
      return;
    }
    append(marked, false);
    if (overlong()) {
      commit.sync();
    }
  }

  private void append(List<ObjectId> oids, boolean mark) throws IOException {
    ByteBuffer bytes = DirtyRecord.encode(oids, mark);
    synchronized (appendLock) {
      long start = records * DirtyRecord.SIZE;
      long position = start;
      try {
        while (bytes.hasRemaining()) {
          position += disk.write(channel, bytes, position);
        }
      } catch (IOException e) {
        // No half record may stay in front of the next one.
        channel.truncate(start);
        throw e;
      }
      records += oids.size();
      // Under the same lock as a rewrite, which takes what it keeps from this set.
      if (mark) {
        dirty.addAll(oids);
      } else {
        oids.forEach(dirty::remove);
      }
    }
  }

  private boolean overlong() {
    synchronized (appendLock) {
      return records > 2L * dirty.size() + SLACK;
    }
  }

  /**
   * Runs in one thread at a time (GroupCommit), so the channel it syncs is not replaced meanwhile.
   */
  private void commit() throws IOException {
    FileChannel current;
    synchronized (appendLock) {
      if (overlong()) {
        FileChannel old = channel;
        channel = rewrite();
        old.close();
        return;
      }
      current = channel;
    }
    disk.syncData(current, file);
  }

  /** Writes a log with the present marks beside the old one and puts it in its place. */
  private FileChannel rewrite() throws IOException {
    List<ObjectId> live = new ArrayList<>(dirty);
    Path temporary = StoreLayout.temporary(file);
    FileChannel fresh = disk.create(temporary);
    try {
      ByteBuffer bytes = DirtyRecord.encode(live, true);
      long position = 0;
      while (bytes.hasRemaining()) {
        position += disk.write(fresh, bytes, position);
      }
      disk.syncAll(fresh, temporary);
      disk.rename(temporary, file);
      Path directory = file.getParent();
      if (directory != null) {
        disk.syncDirectory(directory);
      }
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    records = live.size();
    return fresh;
  }

  /** No call may follow. There is nothing to sync: every mark was durable before its write. */
  @Override
  public void close() throws IOException {
    synchronized (appendLock) {
      channel.close();
    }
  }
}
