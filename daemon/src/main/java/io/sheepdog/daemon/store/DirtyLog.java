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
 * <p>It also tells which of them were marked before the machine was last started: what was written
 * to those and not synced may be lost, while a replica whose machine went on still has it (P1).
 *
 * <p>The file {@code dirty} is a sequence of {@link DirtyRecord}s, appended and now and then
 * rewritten with only those that count, so it stays below {@value DirtyRecord#SIZE} bytes times
 * (twice the dirty objects + {@value #SLACK}). Thread-safe; an object is marked by one thread at a
 * time (its stripe).
 */
final class DirtyLog implements AutoCloseable {
  private static final int SLACK = 4096;

  private final Disk disk;
  private final Ballast ballast;
  private final Path file;
  private final Set<ObjectId> dirty = ConcurrentHashMap.newKeySet();

  /** Those of the dirty ones that were marked before the machine was started. */
  private final Set<ObjectId> ofBefore = ConcurrentHashMap.newKeySet();

  private final long boot;
  private final GroupCommit commit = new GroupCommit(this::commit);
  private final Object appendLock = new Object();
  private FileChannel channel;
  private long records;

  /** With fewer records nobody tries to shorten the log. */
  private long longFrom;

  /**
   * Reads the log. It is rewritten only when it is damaged or long, and then only if there is room:
   * the old one says the same, and a full disk must not keep a node from starting.
   *
   * @param here all objects that are here; if the log is damaged they are all dirty
   * @param boot tells the starts of this machine apart; not 0
   */
  static DirtyLog open(
      Disk disk,
      Ballast ballast,
      Path file,
      Collection<ObjectId> here,
      Predicate<ObjectId> isHere,
      long boot)
      throws IOException {
    if (!Files.exists(file)) {
      ballast.write(() -> createEmpty(disk, file));
    }
    DirtyRecord.Contents contents;
    boolean damaged = false;
    try {
      contents = DirtyRecord.replay(file);
    } catch (CheckedText.FormatException e) {
      StoreEvent.DIRTY_LOG_DAMAGED.log("file={} reason=\"{}\"", file, e.toString());
      long records = Files.size(file) / DirtyRecord.SIZE;
      contents = new DirtyRecord.Contents(Set.copyOf(here), records, 0, Set.of());
      damaged = true;
    }
    DirtyLog log = new DirtyLog(disk, ballast, file, disk.open(file), contents.records(), boot);
    boolean isSameBoot = contents.boot() == boot;
    for (ObjectId oid : contents.dirty()) {
      if (isHere.test(oid)) {
        log.dirty.add(oid);
        if (!isSameBoot || !contents.sinceBoot().contains(oid)) {
          log.ofBefore.add(oid);
        }
      }
    }
    log.begin(damaged, isSameBoot);
    return log;
  }

  private static void createEmpty(Disk disk, Path file) throws IOException {
    disk.create(file).close();
    syncDirectoryOf(disk, file);
  }

  private static void syncDirectoryOf(Disk disk, Path file) throws IOException {
    Path directory = file.getParent();
    if (directory != null) {
      disk.syncDirectory(directory);
    }
  }

  private DirtyLog(
      Disk disk, Ballast ballast, Path file, FileChannel channel, long records, long boot) {
    this.disk = disk;
    this.ballast = ballast;
    this.file = file;
    this.channel = channel;
    this.records = records;
    this.boot = boot;
    this.longFrom = SLACK;
  }

  private void begin(boolean damaged, boolean isSameBoot) throws IOException {
    synchronized (appendLock) {
      boolean isRewritten = (damaged || overlong()) && shorten();
      if (isRewritten || isSameBoot) {
        return;
      }
      try {
        // not synced: marks that are there later and this is not look older than they are
        ballast.write(() -> appendTo(channel, DirtyRecord.encodeBoot(boot)));
        records++;
      } catch (IOException e) {
        // so they do if there is no room for it, and a full disk must not keep a node from starting
        StoreEvent.DIRTY_LOG_KEPT.log(
            "file={} records={} error=\"{}\"", file, records, e.toString());
      }
    }
  }

  /** All dirty objects, ascending. */
  List<ObjectId> objects() {
    return List.copyOf(new TreeSet<>(dirty));
  }

  /** Whether nothing can be marked any more, because a sync of the log has failed. */
  boolean hasFailed() {
    return commit.hasFailed();
  }

  boolean isDirty(ObjectId oid) {
    return dirty.contains(oid);
  }

  /** Whether a dirty object was marked before the machine was last started. */
  boolean isOfBefore(ObjectId oid) {
    return ofBefore.contains(oid);
  }

  /**
   * Marks dirty objects once more, so that they are not of before. Not synced: should the machine
   * lose that, it has lost what was written since, too.
   */
  void markAgain(Collection<ObjectId> oids) throws IOException {
    List<ObjectId> marked = oids.stream().filter(ofBefore::contains).toList();
    if (!marked.isEmpty()) {
      append(marked, true);
    }
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
    synchronized (appendLock) {
      ballast.write(() -> appendTo(channel, DirtyRecord.encode(oids, mark)));
      records += oids.size();
      // Under the same lock as a rewrite, which takes what it keeps from this set.
      if (mark) {
        dirty.addAll(oids);
      } else {
        oids.forEach(dirty::remove);
      }
      oids.forEach(ofBefore::remove);
    }
  }

  private void appendTo(FileChannel log, ByteBuffer bytes) throws IOException {
    long start = records * DirtyRecord.SIZE;
    long position = start;
    try {
      while (bytes.hasRemaining()) {
        position += disk.write(log, bytes, position);
      }
    } catch (IOException e) {
      // No half record may stay in front of the next one.
      disk.truncate(log, start);
      throw e;
    }
  }

  private boolean overlong() {
    synchronized (appendLock) {
      return records >= longFrom && records > 2L * dirty.size() + SLACK;
    }
  }

  /**
   * Runs in one thread at a time (GroupCommit), so the channel it syncs is not replaced meanwhile.
   */
  private void commit() throws IOException {
    FileChannel current;
    synchronized (appendLock) {
      if (overlong() && shorten()) {
        return;
      }
      current = channel;
    }
    disk.syncData(current, file);
  }

  /**
   * Puts a log with the present marks, durable, in the place of the old one.
   *
   * @return false if it could not be written: then the old one goes on as if nothing had been tried
   * @throws IOException if it took the place and that could not be made durable
   */
  private boolean shorten() throws IOException {
    List<ObjectId> older = new ArrayList<>(ofBefore);
    List<ObjectId> live = new ArrayList<>(dirty);
    live.removeAll(ofBefore);
    Path temporary = StoreLayout.temporary(file);
    FileChannel fresh;
    try {
      fresh =
          writeTo(
              temporary,
              DirtyRecord.encode(older, true),
              DirtyRecord.encodeBoot(boot),
              DirtyRecord.encode(live, true));
    } catch (IOException e) {
      StoreEvent.DIRTY_LOG_KEPT.log("file={} records={} error=\"{}\"", file, records, e.toString());
      longFrom = records + SLACK;
      if (Files.exists(temporary)) {
        disk.delete(temporary);
      }
      return false;
    }
    channel.close();
    channel = fresh;
    records = older.size() + 1L + live.size();
    longFrom = SLACK;
    syncDirectoryOf(disk, file);
    return true;
  }

  private FileChannel writeTo(Path temporary, ByteBuffer... parts) throws IOException {
    FileChannel fresh = disk.create(temporary);
    try {
      long position = 0;
      for (ByteBuffer part : parts) {
        while (part.hasRemaining()) {
          position += disk.write(fresh, part, position);
        }
      }
      disk.syncAll(fresh, temporary);
      disk.rename(temporary, file);
      return fresh;
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  /** No call may follow. There is nothing to sync: every mark was durable before its write. */
  @Override
  public void close() throws IOException {
    synchronized (appendLock) {
      channel.close();
    }
  }
}
