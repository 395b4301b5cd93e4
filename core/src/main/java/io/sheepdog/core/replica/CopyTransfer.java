package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Brings one object here from the nodes that have its newest copy: pieces that one of them cannot
 * read come from the next.
 *
 * <p>A node that was away has an older copy, set aside: then both sum up what they have, and only
 * blocks that differ cross the network. A copy in which none does is taken back as it is.
 */
final class CopyTransfer {
  private static final int PIECE = 4 << 20;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 << 10).asReadOnlyBuffer();

  private final Tools tools;
  private final ObjectId oid;
  private final ObjectAttributes attributes;
  private final List<NodeAddress> sources;
  private final Epoch version;
  private final Epoch aside;
  private final CompletableFuture<ResultCode> result = new CompletableFuture<>();
  private final CompositeByteBuf whole = Unpooled.compositeBuffer(Integer.MAX_VALUE);
  private @Nullable ObjectDigest here;
  private @Nullable ObjectDigest there;

  /** What a transfer works with. */
  record Tools(
      ClusterView cluster,
      ObjectStore store,
      LocalCopies copies,
      ObjectShapes shapes,
      CopyPieces pieces,
      Digests digests) {}

  /**
   * Prepares a transfer.
   *
   * @param attributes what the copy here will have
   * @param sources who has the newest copy, at least one; may be this node, if that is the one set
   *     aside
   * @param version newest epoch whose writes are all in that one
   */
  CopyTransfer(
      Tools tools,
      ObjectId oid,
      ObjectAttributes attributes,
      List<NodeAddress> sources,
      Epoch version) {
    this.tools = tools;
    this.oid = oid;
    this.attributes = attributes;
    this.sources = sources;
    this.version = version;
    aside = tools.copies().newestAside(oid);
  }

  /** SUCCESS once the copy is here, durably; a code to try again, or what kept it from that. */
  CompletionStage<ResultCode> run() {
    result.whenComplete((code, failure) -> whole.release());
    if (aside.isZero() || tools.cluster().isSelf(sources.get(0))) {
      pull();
    } else {
      compare();
    }
    return result;
  }

  private void compare() {
    CompletableFuture<DigestOutcome> ours =
        tools.store().digestSetAside(oid, aside).toCompletableFuture();
    CompletableFuture<Digests.Answer> theirs =
        tools.digests().of(sources.get(0), oid, attributes.epoch()).toCompletableFuture();
    CompletableFuture.allOf(ours, theirs)
        .whenComplete(
            (both, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              boolean isOfUse = theirs.join().lastValid().equals(version);
              here = isOfUse ? ours.join().digest() : null;
              there = isOfUse ? theirs.join().digest() : null;
              if (here != null && there != null && here.isSame(there)) {
                takeBack();
              } else {
                pull();
              }
            });
  }

  /** Nothing has changed while this node was away. */
  private void takeBack() {
    end(tools.store().takeBack(oid, aside, attributes));
  }

  /** Gets what follows on what is here, piece by piece. */
  private void pull() {
    long from = whole.readableBytes();
    if (from == attributes.size()) {
      keep();
      return;
    }
    boolean isHere = isSame(from);
    int length = (int) (endOfRun(from, isHere) - from);
    if (isHere) {
      tools
          .store()
          .readSetAside(oid, aside, from, length)
          .whenComplete((read, failure) -> addLocal(read, failure));
    } else {
      fetch(0, from, length);
    }
  }

  /** From the first of the sources, from that one on, that can read it. */
  private void fetch(int source, long from, int length) {
    tools
        .pieces()
        .of(sources.get(source), oid, attributes.epoch(), from, length)
        .whenComplete(
            (answer, failure) -> {
              boolean isUnreadable = answer != null && answer.code() == ResultCode.EIO;
              if (isUnreadable && source + 1 < sources.size()) {
                answer.data().release();
                fetch(source + 1, from, length);
              } else {
                addFetched(answer, failure, length);
              }
            });
  }

  /** Whether the block that begins there is the same here. */
  private boolean isSame(long from) {
    return here != null && there != null && here.isSame(block(from), there);
  }

  private int block(long from) {
    return (int) (from / ObjectDigest.blockSize(attributes.size()));
  }

  /** How far the blocks are like the first one, at most a piece. */
  private long endOfRun(long from, boolean isHere) {
    long most = Math.min(from + PIECE, attributes.size());
    if (here == null || there == null) {
      return most;
    }
    int block = block(from);
    while (here.offset(block + 1) < most && isSame(here.offset(block + 1)) == isHere) {
      block++;
    }
    return Math.min(here.offset(block + 1), most);
  }

  private void addLocal(@Nullable ReadOutcome read, @Nullable Throwable failure) {
    if (read == null || failure != null) {
      result.completeExceptionally(failure == null ? new IllegalStateException() : failure);
    } else if (read.status() != StoreStatus.OK) {
      // the old copy cannot be read: do without it
      here = null;
      pull();
    } else {
      whole.addComponent(true, read.data());
      pull();
    }
  }

  private void addFetched(
      CopyPieces.@Nullable Answer answer, @Nullable Throwable failure, int length) {
    if (answer == null || failure != null) {
      result.completeExceptionally(failure == null ? new IllegalStateException() : failure);
    } else if (answer.code() != ResultCode.SUCCESS
        || !answer.lastValid().equals(version)
        || answer.data().readableBytes() != length) {
      answer.data().release();
      // the next search will know what became of that copy
      result.complete(ResultCode.NETWORK_ERROR);
    } else {
      whole.addComponent(true, answer.data());
      pull();
    }
  }

  private void keep() {
    // most of an inode is zero: what is not written stays a hole
    ByteBuf content = whole.slice(0, lengthWithoutZeros(whole));
    end(tools.store().createCopy(oid, attributes, content));
  }

  private void end(CompletionStage<StoreStatus> stored) {
    stored.whenComplete(
        (status, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          if (status == StoreStatus.OK) {
            tools.copies().created(oid, attributes.epoch());
          }
          result.complete(ReplicaService.toResult(status));
        });
  }

  /** Length without the zeros at the end; in large pieces, because inodes end in megabytes. */
  private static int lengthWithoutZeros(ByteBuf whole) {
    int end = whole.readerIndex() + whole.readableBytes();
    while (end > whole.readerIndex()) {
      int length = Math.min(ZEROS.capacity(), end - whole.readerIndex());
      int start = end - length;
      if (whole.nioBuffer(start, length).mismatch(ZEROS.slice(0, length)) >= 0) {
        return whole.forEachByteDesc(start, length, ByteProcessor.FIND_NON_NUL)
            + 1
            - whole.readerIndex();
      }
      end = start;
    }
    return 0;
  }
}
