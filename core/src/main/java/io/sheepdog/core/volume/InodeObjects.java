package io.sheepdog.core.volume;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.membership.ClusterAgent;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.concurrent.CompletionStage;

/** Reading and writing inode objects, always durably and on all replicas. */
final class InodeObjects {
  /** Bytes of the name and the tag, with which a header begins: the first sector of the inode. */
  private static final int NAME_AND_TAG = 512;

  private final ObjectGateway gateway;
  private final ClusterAgent agent;

  InodeObjects(ObjectGateway gateway, ClusterAgent agent) {
    this.gateway = gateway;
    this.agent = agent;
  }

  /** The header that describes an entry. */
  static InodeHeader header(VdiEntry entry) {
    return new InodeHeader(
        entry.name(),
        entry.tag(),
        entry.createTime(),
        entry.snapshotTime(),
        entry.vmClockNanos(),
        entry.size(),
        entry.vmStateSize(),
        entry.copyPolicy(),
        entry.storePolicy(),
        entry.copies(),
        entry.blockSizeShift(),
        entry.snapshotId(),
        entry.vid(),
        entry.parent(),
        0);
  }

  /** Creates the inode of a VDI that starts with nothing. */
  CompletionStage<ResultCode> createEmpty(InodeHeader header) {
    return create(header, Unpooled.EMPTY_BUFFER);
  }

  /**
   * Creates the inode of a VDI that starts with the contents of {@code base}, whose index no longer
   * changes.
   */
  CompletionStage<ResultCode> createFrom(VdiId base, InodeHeader header) {
    return gateway
        .read(ObjectId.inode(base), InodeLayout.INDEX_OFFSET, InodeLayout.INDEX_SIZE)
        .thenCompose(
            table -> {
              if (table.code() != ResultCode.SUCCESS) {
                return Steps.ended(ResultCode.BASE_VDI_READ);
              }
              return create(header, table.data())
                  .whenComplete((code, failure) -> table.data().release());
            });
  }

  /**
   * Takes the name from the inode of a deleted VDI: what has none names no object. It is
   * overwritten where it lies, so that a VDI can be deleted from a full disk; the first sector, so
   * that a power loss leaves it dead or alive and nothing between. The size stays: a restarted
   * cluster tells by it that the objects may not be gone yet. An inode that cannot be written is
   * replaced; one that is nowhere names nothing.
   */
  CompletionStage<ResultCode> bury(VdiEntry entry) {
    return overwrite(entry.vid(), 0, NAME_AND_TAG)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? Steps.success()
                    : createEmpty(header(entry).cleared()));
  }

  /**
   * The objects of a buried VDI are gone: only its number stays taken (R15). The inode is replaced
   * by one without index, whose blocks come free; where not even that has room, only its size is
   * overwritten.
   */
  CompletionStage<ResultCode> forget(VdiEntry buried) {
    return leaveTombstone(buried)
        .thenCompose(
            code ->
                code == ResultCode.NO_SPACE
                    ? overwrite(buried.vid(), InodeLayout.VDI_SIZE, Long.BYTES)
                    : Steps.ended(code));
  }

  /** The inode of a vid that was reserved and never came to be, or was deleted. */
  CompletionStage<ResultCode> leaveTombstone(VdiEntry entry) {
    return createEmpty(header(entry).cleared().withSize(0));
  }

  /** Removes an inode that no commit has made visible; whether it is there or not. */
  CompletionStage<ResultCode> withdraw(VdiId vid) {
    return gateway
        .remove(ObjectId.inode(vid))
        .thenApply(code -> code == ResultCode.NO_OBJ ? ResultCode.SUCCESS : code);
  }

  /** Zeros; of an inode that is nowhere there is nothing to overwrite. */
  private CompletionStage<ResultCode> overwrite(VdiId vid, long offset, int zeros) {
    ByteBuf nothing = Unpooled.wrappedBuffer(new byte[zeros]);
    return gateway
        .write(ObjectId.inode(vid), offset, nothing)
        .thenApply(code -> code == ResultCode.NO_OBJ ? ResultCode.SUCCESS : code)
        .whenComplete((code, failure) -> nothing.release());
  }

  /** Marks a VDI as snapshot taken at {@code time}; zero makes it a head again. */
  CompletionStage<ResultCode> setSnapshotTime(VdiId vid, SheepTime time) {
    ByteBuf bytes = Unpooled.buffer(Long.BYTES).writeLongLE(time.wire());
    return gateway
        .write(ObjectId.inode(vid), InodeLayout.SNAPSHOT_TIME, bytes)
        .whenComplete((code, failure) -> bytes.release());
  }

  /**
   * Reads index entries {@code first} .. {@code first + count - 1} as they are stored, 4 bytes
   * each.
   */
  CompletionStage<ReadResult> readIndex(VdiId vid, long first, int count) {
    return gateway.read(
        ObjectId.inode(vid),
        InodeLayout.INDEX_OFFSET + first * InodeLayout.INDEX_ENTRY_SIZE,
        count * InodeLayout.INDEX_ENTRY_SIZE);
  }

  /** What is not written of an index stays a hole and takes no space. */
  private static int lengthWithoutZeros(ByteBuf table) {
    int length = table.readableBytes();
    while (length >= Long.BYTES && table.getLong(table.readerIndex() + length - Long.BYTES) == 0) {
      length -= Long.BYTES;
    }
    return length;
  }

  private CompletionStage<ResultCode> create(InodeHeader header, ByteBuf table) {
    ByteBuf head = Unpooled.buffer(InodeLayout.HEADER_SIZE);
    header.encode(head);
    ByteBuf whole =
        Unpooled.wrappedBuffer(
            head, table.retainedSlice(table.readerIndex(), lengthWithoutZeros(table)));
    ObjectAttributes attributes =
        new ObjectAttributes(InodeLayout.FULL_SIZE, header.copies(), 0, agent.servingEpoch());
    return gateway
        .create(ObjectId.inode(header.vdiId()), attributes, 0, whole)
        .whenComplete((code, failure) -> whole.release());
  }
}
