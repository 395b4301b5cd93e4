package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletionStage;

/** A few entries of the index of a VDI, as they were at one moment. */
final class IndexRange {
  private final int first;
  private final int[] owners;

  /**
   * Entries {@code first} to {@code end - 1}, to be loaded.
   *
   * @param end above {@code first}
   */
  IndexRange(int first, int end) {
    this.first = first;
    this.owners = new int[end - first];
  }

  /** The owner of object number {@code index}, 0 for a hole. */
  int owner(int index) {
    return owners[index - first];
  }

  /** Reads the entries of that vid. */
  CompletionStage<ResultCode> load(ObjectIo io, VdiId vid) {
    return io.read(
            ObjectId.inode(vid),
            InodeLayout.indexEntryOffset(first),
            owners.length * InodeLayout.INDEX_ENTRY_SIZE)
        .thenApply(this::take);
  }

  private ResultCode take(ReadResult read) {
    ByteBuf entries = read.data();
    try {
      if (read.code() == ResultCode.SUCCESS) {
        for (int i = 0; i < owners.length; i++) {
          owners[i] = entries.getIntLE(entries.readerIndex() + i * InodeLayout.INDEX_ENTRY_SIZE);
        }
      }
      return read.code();
    } finally {
      entries.release();
    }
  }
}
