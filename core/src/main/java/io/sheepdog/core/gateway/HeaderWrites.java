package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.Extent;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.replica.ObjectShapes;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Clients' writes to the header of an inode. QEMU sends back the whole header as it read it when it
 * opened the image, which may be old by now; so only tag, VM clock, VM state size and a growing
 * size are taken (R14), whatever part of the header is written. They are merged into what the
 * directory knows, made durable on all replicas, and then told to all nodes.
 */
final class HeaderWrites {
  /** Tag to VM state size: the part of the header that holds all fields that clients may write. */
  private static final String TAG = "Snapshot tag";

  private static final int FROM = InodeLayout.TAG;

  private static final int END = InodeLayout.VM_STATE_SIZE + Long.BYTES;
  private static final int NUMBERS = InodeLayout.VM_CLOCK;

  private final ClusterView cluster;
  private final ObjectShapes shapes;
  private final Ordering ordering;
  private final Replication replication;

  HeaderWrites(
      ClusterView cluster, ObjectShapes shapes, Ordering ordering, Replication replication) {
    this.cluster = cluster;
    this.shapes = shapes;
    this.ordering = ordering;
    this.replication = replication;
  }

  /**
   * Takes what may be taken of {@code bytes}, written at {@code offset}; the part behind the header
   * is ignored.
   */
  CompletionStage<ResultCode> write(VdiId vid, long offset, ByteBuf bytes) {
    return write(vid, offset, bytes, false);
  }

  /** The same for a tool that means to make the VDI smaller, and has cleared the index behind. */
  CompletionStage<ResultCode> writeSmaller(VdiId vid, long offset, ByteBuf bytes) {
    return write(vid, offset, bytes, true);
  }

  private CompletionStage<ResultCode> write(
      VdiId vid, long offset, ByteBuf bytes, boolean smaller) {
    ObjectId inode = ObjectId.inode(vid);
    return ordering.bytes(
        inode, 0, InodeLayout.HEADER_SIZE, () -> merge(inode, offset, bytes, smaller));
  }

  private CompletionStage<ResultCode> merge(
      ObjectId inode, long offset, ByteBuf bytes, boolean smaller) {
    VdiEntry entry = cluster.state().directory().entry(inode.vid());
    ObjectAttributes shape = shapes.of(inode);
    if (entry == null || shape == null) {
      return CompletableFuture.completedFuture(ResultCode.NO_OBJ);
    }
    if (smaller && entry.state() != VdiEntry.State.HEAD) {
      return CompletableFuture.completedFuture(ResultCode.READONLY);
    }
    ByteBuf image = image(entry);
    HeaderChanged before = fields(entry.vid(), image, smaller);
    overlay(image, offset, bytes);
    HeaderChanged wanted;
    try {
      wanted = fields(entry.vid(), image, smaller);
      WireText.checkPrintable(wanted.tag(), Limits.TAG_SIZE, TAG);
    } catch (ProtocolException e) {
      // a tag that is no text
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    if (wanted.vmStateSize() < 0
        || (smaller && wanted.size() <= 0)
        || wanted.size() > InodeHeader.maxSize(entry.blockSizeShift())) {
      return CompletableFuture.completedFuture(ResultCode.INVALID_PARMS);
    }
    HeaderChanged after =
        new HeaderChanged(
            entry.vid(),
            wanted.tag(),
            smaller ? wanted.size() : Math.max(wanted.size(), entry.size()),
            smaller,
            wanted.vmClockNanos(),
            wanted.vmStateSize());
    if (after.equals(before)) {
      return CompletableFuture.completedFuture(ResultCode.SUCCESS);
    }
    image.setLongLE(InodeLayout.VDI_SIZE - FROM, after.size());
    return store(inode, shape, image, before, after)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? announce(after)
                    : CompletableFuture.completedFuture(code))
        .thenCompose(
            code ->
                smaller && code == ResultCode.READONLY
                    ? putBack(inode, shape, code)
                    : CompletableFuture.completedFuture(code));
  }

  /** The vid became a snapshot after its size was written, and keeps the one that it has. */
  private CompletionStage<ResultCode> putBack(
      ObjectId inode, ObjectAttributes shape, ResultCode refusal) {
    VdiEntry entry = cluster.state().directory().entry(inode.vid());
    if (entry == null) {
      return CompletableFuture.completedFuture(refusal);
    }
    return put(inode, shape, NUMBERS, image(entry).slice(NUMBERS - FROM, END - NUMBERS))
        .thenApply(code -> code == ResultCode.SUCCESS ? refusal : code);
  }

  private static ByteBuf image(VdiEntry entry) {
    ByteBuf image = Unpooled.buffer(END - FROM);
    WireText.write(image, entry.tag(), Limits.TAG_SIZE, TAG);
    image.writeLongLE(entry.createTime().wire()).writeLongLE(entry.snapshotTime().wire());
    return image
        .writeLongLE(entry.vmClockNanos())
        .writeLongLE(entry.size())
        .writeLongLE(entry.vmStateSize());
  }

  private static void overlay(ByteBuf image, long offset, ByteBuf bytes) {
    long from = Math.max(FROM, offset);
    long end = Math.min(END, offset + bytes.readableBytes());
    if (from < end) {
      int index = (int) (from - offset);
      image.setBytes((int) from - FROM, bytes, bytes.readerIndex() + index, (int) (end - from));
    }
  }

  private static HeaderChanged fields(VdiId vid, ByteBuf image, boolean smaller) {
    return new HeaderChanged(
        vid,
        WireText.read(image.duplicate(), Limits.TAG_SIZE, TAG),
        image.getLongLE(InodeLayout.VDI_SIZE - FROM),
        smaller,
        image.getLongLE(InodeLayout.VM_CLOCK - FROM),
        image.getLongLE(InodeLayout.VM_STATE_SIZE - FROM));
  }

  /**
   * Writes the tag and the numbers apart: the times between them belong to whoever takes a
   * snapshot.
   */
  private CompletionStage<ResultCode> store(
      ObjectId inode,
      ObjectAttributes shape,
      ByteBuf image,
      HeaderChanged before,
      HeaderChanged after) {
    boolean numbers =
        after.size() != before.size()
            || after.vmClockNanos() != before.vmClockNanos()
            || after.vmStateSize() != before.vmStateSize();
    CompletionStage<ResultCode> tag =
        after.tag().equals(before.tag())
            ? CompletableFuture.completedFuture(ResultCode.SUCCESS)
            : put(inode, shape, InodeLayout.TAG, image.slice(0, Limits.TAG_SIZE));
    return tag.thenCompose(
        code ->
            numbers && code == ResultCode.SUCCESS
                ? put(inode, shape, NUMBERS, image.slice(NUMBERS - FROM, END - NUMBERS))
                : CompletableFuture.completedFuture(code));
  }

  private CompletionStage<ResultCode> put(
      ObjectId inode, ObjectAttributes shape, int offset, ByteBuf bytes) {
    Change change = Change.write(inode, shape, offset, bytes.readableBytes(), 0, true);
    return replication.run(change, bytes).thenApply(Replication.Result::code);
  }

  private CompletionStage<ResultCode> announce(HeaderChanged change) {
    return cluster
        .proposeAndConfirm(change, Extent.QUORUM)
        .thenApply(
            applied ->
                applied.outcome() instanceof Outcome.Refused refused
                    ? refused.code()
                    : ResultCode.SUCCESS);
  }
}
