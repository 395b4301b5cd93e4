package io.sheepdog.cli.vdi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Response;

/**
 * Makes an image smaller. First the bytes behind the new end are zeroed in the object that it cuts
 * through, then the objects behind are given back, and only then the size changes: interrupted, the
 * image has its old size and perhaps zeros at its end. All under the image's lock, which the first
 * of these requests takes and the end of the connection gives back.
 */
final class ImageCut {
  private static final int CHUNK = 4 << 20;

  /** Index entries that are cleared by one request. */
  private static final int BATCH = 4096;

  private final InodeHeader inode;
  private final int[] owners;
  private final long size;

  private ImageCut(InodeHeader inode, int[] owners, long size) {
    this.inode = inode;
    this.owners = owners;
    this.size = size;
  }

  /**
   * What it takes.
   *
   * @param owners index entries of the image
   * @param size bytes that are left
   */
  static ImageCut of(InodeHeader inode, int[] owners, long size) {
    return new ImageCut(inode, owners, size);
  }

  /** The first object that is behind the end. */
  private int firstGone() {
    return (int) ((size + inode.objectSize() - 1) / inode.objectSize());
  }

  /** Most bytes of data that are lost: all of the objects behind, and a part of one. */
  long lost() {
    long sum = 0;
    long within = size % inode.objectSize();
    if (within != 0 && owners[firstGone() - 1] != 0) {
      sum += inode.objectSize() - within;
    }
    for (int index = firstGone(); index < owners.length; index++) {
      sum += owners[index] == 0 ? 0 : inode.objectSize();
    }
    return sum;
  }

  void carryOut(Remote remote, Vdis vdis) throws CommandFailure {
    zeroTail(remote, vdis);
    for (int index = firstGone(); index < owners.length; ) {
      if (owners[index] == 0) {
        index++;
        continue;
      }
      int end = Math.min(owners.length, index + BATCH);
      clear(remote, index, end);
      index = end;
    }
    ByteBuf field = Unpooled.buffer(Long.BYTES).writeLongLE(size);
    ObjectBody body =
        ObjectBody.of(ObjectId.inode(inode.vdiId()), InodeLayout.VDI_SIZE, inode.copies());
    require(
        remote,
        remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT | RequestFlags.SHRINK, body, field));
  }

  private void zeroTail(Remote remote, Vdis vdis) throws CommandFailure {
    long within = size % inode.objectSize();
    if (within == 0 || owners[firstGone() - 1] == 0) {
      return;
    }
    ImageWriter writer = new ImageWriter(remote, vdis, inode, false);
    long end = size - within + inode.objectSize();
    for (long at = size; at < end; ) {
      int count = (int) Math.min(CHUNK, end - at);
      writer.write(at, Unpooled.wrappedBuffer(new byte[count]));
      at += count;
    }
  }

  private void clear(Remote remote, int first, int end) throws CommandFailure {
    int length = (end - first) * InodeLayout.INDEX_ENTRY_SIZE;
    ObjectBody body =
        ObjectBody.of(
            ObjectId.inode(inode.vdiId()), InodeLayout.indexEntryOffset(first), inode.copies());
    require(
        remote,
        remote.send(
            Opcode.WRITE_OBJ, RequestFlags.DIRECT, body, Unpooled.wrappedBuffer(new byte[length])));
  }

  private void require(Remote remote, Response response) throws CommandFailure {
    remote.require(response, "Failed to resize VDI " + inode.name());
  }
}
