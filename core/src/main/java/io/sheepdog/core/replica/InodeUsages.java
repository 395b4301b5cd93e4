package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@link VdiUsage} of inodes in this node's store. To know one, header and index have to be read,
 * up to 4 MiB; so it is kept until the inode is changed.
 *
 * <p>Operations on one object take effect in the order in which they are submitted: what a read
 * that was submitted behind the last change gave is true until the next one is submitted.
 */
final class InodeUsages {
  /** Most inodes of which it is kept: some 200 bytes each. */
  private static final int MAX_KEPT = 1 << 16;

  private final ObjectStore store;
  private final int maxKept;
  private final LinkedHashMap<ObjectId, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** Reads under way by which nothing was changed yet: the newest of each object. */
  private final Map<ObjectId, Reading> readings = new HashMap<>();

  private record Reading(long number) {}

  private long readingsBegun;

  InodeUsages(ObjectStore store) {
    this(store, MAX_KEPT);
  }

  InodeUsages(ObjectStore store, int maxKept) {
    this.store = store;
    this.maxKept = maxKept;
  }

  /**
   * What is known of an inode.
   *
   * @param code SUCCESS or why there is nothing
   * @param usage an encoded {@link VdiUsage}; of a deleted VDI one without a name
   */
  record Known(ResultCode code, byte[] usage) {
    private static Known failed(ResultCode code) {
      return new Known(code, new byte[0]);
    }
  }

  /** An object is about to be changed. */
  void changes(ObjectId oid) {
    if (oid.kind() == ObjectKind.INODE) {
      kept.remove(oid);
      readings.remove(oid);
    }
  }

  /** All objects are. */
  void clear() {
    kept.clear();
    readings.clear();
  }

  /**
   * Tells it of an inode.
   *
   * @param likelyIndex bytes of the index that the inode uses, as far as is known: then one read
   *     will do
   */
  CompletionStage<Known> of(ObjectId inode, int likelyIndex) {
    byte[] usage = kept.get(inode);
    if (usage != null && store.holds(inode)) {
      return CompletableFuture.completedFuture(new Known(ResultCode.SUCCESS, usage));
    }
    Reading reading = new Reading(++readingsBegun);
    readings.put(inode, reading);
    CompletableFuture<Known> result = new CompletableFuture<>();
    read(inode, likelyIndex, reading, result);
    return result;
  }

  private void read(ObjectId inode, int index, Reading reading, CompletableFuture<Known> result) {
    store
        .read(inode, 0, InodeLayout.HEADER_SIZE + index)
        .whenComplete(
            (read, failure) -> {
              if (failure != null) {
                readings.remove(inode, reading);
                result.completeExceptionally(failure);
              } else {
                take(inode, index, reading, read, result);
              }
            });
  }

  private void take(
      ObjectId inode,
      int index,
      Reading reading,
      ReadOutcome read,
      CompletableFuture<Known> result) {
    Known known;
    try {
      known =
          read.status() == StoreStatus.OK
              ? count(read.data())
              : Known.failed(ReplicaService.toResult(read.status()));
    } finally {
      read.data().release();
    }
    if (known == null) {
      read(inode, InodeLayout.INDEX_SIZE, reading, result);
      return;
    }
    if (readings.remove(inode, reading) && known.code() == ResultCode.SUCCESS) {
      keep(inode, known.usage());
    }
    result.complete(known);
  }

  /** Null when the index has more entries than were read. */
  private static @Nullable Known count(ByteBuf bytes) {
    InodeHeader header;
    try {
      header = InodeHeader.decode(bytes);
    } catch (ProtocolException e) {
      return Known.failed(ResultCode.EIO);
    }
    int size = VdiUsage.indexSize(header);
    if (size > bytes.readableBytes()) {
      return null;
    }
    ByteBuf usage = Unpooled.buffer(VdiUsage.MAX_SIZE);
    VdiUsage.of(header, bytes.readSlice(size)).encode(usage);
    return new Known(ResultCode.SUCCESS, ByteBufUtil.getBytes(usage));
  }

  private void keep(ObjectId inode, byte[] usage) {
    kept.put(inode, usage);
    if (kept.size() > maxKept) {
      kept.remove(kept.keySet().iterator().next());
    }
  }
}
