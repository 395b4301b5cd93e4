package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Response;

/**
 * Writes to a working image as QEMU does: objects that are not the image's own are created (copied
 * from the ancestor's), then the index entry follows. When a snapshot is taken meanwhile the image
 * gets a new vid; the write is repeated there.
 */
final class ImageWriter {
  private static final int MAX_MOVES = 16;

  private final Remote remote;
  private final Vdis vdis;
  private final int flags;
  private InodeHeader inode;
  private int[] owners;
  private boolean written;

  ImageWriter(Remote remote, Vdis vdis, InodeHeader inode, boolean writeback)
      throws CommandFailure {
    this.remote = remote;
    this.vdis = vdis;
    this.inode = inode;
    this.flags = writeback ? RequestFlags.CACHE : RequestFlags.DIRECT;
    this.owners = vdis.index(inode);
  }

  /** Bytes from {@code at} to the end of its object. */
  long roomAt(long at) {
    return inode.objectSize() - at % inode.objectSize();
  }

  /** Writes bytes that lie within one object. */
  void write(long at, ByteBuf bytes) throws CommandFailure {
    int index = (int) (at / inode.objectSize());
    long within = at % inode.objectSize();
    for (int moves = 0; moves < MAX_MOVES; moves++) {
      Response response = writeData(index, within, bytes);
      if (response.isSuccess() && owners[index] != inode.vdiId().value()) {
        response = writeIndex(index);
      }
      if (!response.is(ResultCode.READONLY)) {
        if (!response.isSuccess()) {
          ObjectId oid = ObjectId.data(inode.vdiId(), index);
          String why = oid + ": " + remote.text(response);
          throw new CommandFailure(1, "Failed to write object " + why + "\nFailed to write VDI");
        }
        owners[index] = inode.vdiId().value();
        written = true;
        return;
      }
      inode = vdis.open(inode.name(), null);
      owners = vdis.index(inode);
    }
    throw new CommandFailure(
        1, "Failed to write VDI: snapshots of " + inode.name() + " are taken all the time");
  }

  /** Makes everything written durable. */
  void flush() throws CommandFailure {
    if (written && (flags & RequestFlags.CACHE) != 0) {
      Response response =
          remote.ask(Opcode.FLUSH_VDI, ObjectBody.of(ObjectId.inode(inode.vdiId()), 0));
      remote.require(response, "Failed to flush VDI " + inode.name());
    }
  }

  private Response writeData(int index, long within, ByteBuf bytes) throws CommandFailure {
    ObjectId oid = ObjectId.data(inode.vdiId(), index);
    int owner = owners[index];
    if (owner == inode.vdiId().value()) {
      return remote.send(
          Opcode.WRITE_OBJ, flags, ObjectBody.of(oid, within, inode.copies()), bytes);
    }
    ObjectBody body = ObjectBody.of(oid, within, inode.copies());
    return owner == 0
        ? remote.send(Opcode.CREATE_AND_WRITE_OBJ, flags, body, bytes)
        : remote.send(
            Opcode.CREATE_AND_WRITE_OBJ,
            flags | RequestFlags.COW,
            body.withCowOid(ObjectId.data(new VdiId(owner), index)),
            bytes);
  }

  private Response writeIndex(int index) throws CommandFailure {
    ByteBuf entry = Unpooled.buffer(Integer.BYTES).writeIntLE(inode.vdiId().value());
    try {
      return remote.send(
          Opcode.WRITE_OBJ,
          flags,
          ObjectBody.of(
              ObjectId.inode(inode.vdiId()), InodeLayout.indexEntryOffset(index), inode.copies()),
          entry);
    } finally {
      entry.release();
    }
  }
}
