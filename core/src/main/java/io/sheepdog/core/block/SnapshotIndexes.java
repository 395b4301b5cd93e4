package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Pages of the indexes of snapshots, which never change: read when they are needed, shared by
 * everybody who has the snapshot open, and of a bounded number, the least recently used of which go
 * first.
 *
 * <p>When a snapshot is deleted its name goes before its index does. So an index in which an object
 * is missing is that of the snapshot only if the name was still there afterwards.
 */
final class SnapshotIndexes {
  /** Entries of a page: 4 KiB. */
  static final int PAGE = 1024;

  private static final int[] HOLES = new int[PAGE];
  private static final int FEWEST_PAGES = 16;

  private final int capacity;

  /** Pages that are here or being read, the least recently used first. */
  private final Map<PageId, CompletableFuture<Page>> pages = new LinkedHashMap<>(16, 0.75f, true);

  /** Vids are given again when a cluster is formatted: the time tells whose it is. */
  private record PageId(VdiId vid, SheepTime created, int number) {}

  private record Page(ResultCode code, int[] owners) {}

  /**
   * Nothing is read yet.
   *
   * @param bytes of memory for all pages
   */
  SnapshotIndexes(long bytes) {
    long most = bytes / (PAGE * Integer.BYTES);
    capacity = (int) Math.max(FEWEST_PAGES, Math.min(Integer.MAX_VALUE, most));
  }

  /**
   * A part of the index of a snapshot.
   *
   * @param code SUCCESS, or why there is none
   */
  record View(ResultCode code, int firstPage, int[][] pages) {
    /** The owner of an object of the part, 0 for a hole. */
    int owner(int index) {
      return pages[index / PAGE - firstPage][index % PAGE];
    }
  }

  /**
   * Gets entries {@code first} to {@code end - 1}.
   *
   * @param io reads what is not here yet
   */
  CompletionStage<View> view(ObjectIo io, VdiEntry snapshot, int first, int end) {
    int firstPage = first / PAGE;
    int[][] found = new int[(end - 1) / PAGE + 1 - firstPage][];
    return collect(io, snapshot, new View(ResultCode.SUCCESS, firstPage, found), 0);
  }

  private CompletionStage<View> collect(ObjectIo io, VdiEntry snapshot, View view, int done) {
    if (done == view.pages().length) {
      return CompletableFuture.completedFuture(view);
    }
    return page(io, snapshot, view.firstPage() + done)
        .thenCompose(
            page -> {
              view.pages()[done] = page.owners();
              return page.code() == ResultCode.SUCCESS
                  ? collect(io, snapshot, view, done + 1)
                  : CompletableFuture.completedFuture(
                      new View(page.code(), view.firstPage(), view.pages()));
            });
  }

  private CompletableFuture<Page> page(ObjectIo io, VdiEntry snapshot, int number) {
    PageId id = new PageId(snapshot.vid(), snapshot.createTime(), number);
    CompletableFuture<Page> known = pages.get(id);
    if (known != null) {
      return known;
    }
    CompletableFuture<Page> page = new CompletableFuture<>();
    pages.put(id, page);
    read(io, snapshot, number)
        .whenComplete(
            (read, failure) -> {
              Page result = read == null ? new Page(ResultCode.SYSTEM_ERROR, HOLES) : read;
              if (result.code() != ResultCode.SUCCESS) {
                // who asks next reads again
                pages.remove(id, page);
              }
              page.complete(result);
              forgetOldest();
            });
    return page;
  }

  private void forgetOldest() {
    Iterator<CompletableFuture<Page>> oldest = pages.values().iterator();
    while (pages.size() > capacity && oldest.hasNext()) {
      if (oldest.next().isDone()) {
        oldest.remove();
      }
    }
  }

  /** Pages that are here or being read. */
  int size() {
    return pages.size();
  }

  private static CompletionStage<@Nullable Page> read(ObjectIo io, VdiEntry snapshot, int number) {
    long objectSize = 1L << snapshot.blockSizeShift();
    long objects = (snapshot.size() + objectSize - 1) / objectSize;
    int first = number * PAGE;
    int count = (int) Math.min(PAGE, objects - first);
    ObjectId inode = ObjectId.inode(snapshot.vid());
    return io.read(inode, InodeLayout.indexEntryOffset(first), count * InodeLayout.INDEX_ENTRY_SIZE)
        .thenApply(entries -> page(entries, count))
        .thenCompose(
            page ->
                page.code() == ResultCode.SUCCESS
                    ? io.read(inode, 0, Limits.NAME_SIZE).thenApply(name -> ifNamed(name, page))
                    : CompletableFuture.completedFuture(page));
  }

  private static Page page(ReadResult read, int count) {
    ByteBuf entries = read.data();
    try {
      if (read.code() != ResultCode.SUCCESS) {
        return new Page(read.code(), HOLES);
      }
      int[] owners = new int[PAGE];
      boolean holes = true;
      for (int i = 0; i < count; i++) {
        owners[i] = entries.getIntLE(entries.readerIndex() + i * InodeLayout.INDEX_ENTRY_SIZE);
        holes &= owners[i] == 0;
      }
      return new Page(ResultCode.SUCCESS, holes ? HOLES : owners);
    } finally {
      entries.release();
    }
  }

  private static Page ifNamed(ReadResult read, Page page) {
    ByteBuf name = read.data();
    try {
      if (read.code() != ResultCode.SUCCESS) {
        return new Page(read.code(), HOLES);
      }
      boolean deleted = name.getByte(name.readerIndex()) == 0;
      return deleted ? new Page(ResultCode.NO_VDI, HOLES) : page;
    } finally {
      name.release();
    }
  }
}
