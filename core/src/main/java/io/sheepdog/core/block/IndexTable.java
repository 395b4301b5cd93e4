package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The index of a VDI in memory: which vid owns each data object. Only pages that name something
 * take room, so a thin VDI costs little however large it is.
 */
final class IndexTable {
  private static final int PAGE = 1024;

  /** Bytes of the index read at a time. */
  static final int READ = 16 << 10;

  private final int[] @Nullable [] pages = new int[InodeLayout.INDEX_ENTRIES / PAGE][];

  /** The owner of object number {@code index}, 0 for a hole. */
  int owner(int index) {
    int[] page = pages[index / PAGE];
    return page == null ? 0 : page[index % PAGE];
  }

  void set(int index, int owner) {
    int[] page = pages[index / PAGE];
    if (page == null) {
      if (owner == 0) {
        return;
      }
      page = new int[PAGE];
      pages[index / PAGE] = page;
    }
    page[index % PAGE] = owner;
  }

  /** Reads entries {@code first} to {@code end - 1} of a vid's index into this table. */
  CompletionStage<ResultCode> load(ObjectIo io, VdiId vid, int first, int end) {
    if (first >= end) {
      return CompletableFuture.completedFuture(ResultCode.SUCCESS);
    }
    int count = Math.min(end - first, READ / InodeLayout.INDEX_ENTRY_SIZE);
    return io.read(
            ObjectId.inode(vid),
            InodeLayout.indexEntryOffset(first),
            count * InodeLayout.INDEX_ENTRY_SIZE)
        .thenCompose(
            read -> {
              ResultCode code = take(read, first, count);
              return code == ResultCode.SUCCESS
                  ? load(io, vid, first + count, end)
                  : CompletableFuture.completedFuture(code);
            });
  }

  private ResultCode take(ReadResult read, int first, int count) {
    ByteBuf entries = read.data();
    try {
      if (read.code() != ResultCode.SUCCESS) {
        return read.code();
      }
      for (int i = 0; i < count; i++) {
        set(first + i, entries.getIntLE(entries.readerIndex() + i * InodeLayout.INDEX_ENTRY_SIZE));
      }
      return ResultCode.SUCCESS;
    } finally {
      entries.release();
    }
  }
}
