package io.sheepdog.cli.copy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.VdiBody;

/** An image that is being filled with data whose length may not be known yet. */
final class NewImage {
  private static final int SECTOR = 512;

  private final Remote remote;
  private final InodeHeader inode;
  private final ImageFiller filler;
  private long size;

  private NewImage(Remote remote, InodeHeader inode) {
    this.remote = remote;
    this.inode = inode;
    this.filler = new ImageFiller(remote, inode, new int[0]);
    this.size = inode.vdiSize();
  }

  /**
   * Makes an empty image.
   *
   * @param size bytes, rounded up to sectors
   * @param copies 0 for the cluster's
   * @param shift 0 for the cluster's
   */
  static NewImage create(Remote remote, String name, long size, int copies, int shift, String what)
      throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    VdiBody body = new VdiBody(sectors(size), VdiId.NONE, copies, 0, 0, shift, 0, 0);
    return new NewImage(remote, vdis.header(vdis.create(name, body, what)));
  }

  private static long sectors(long bytes) {
    return Math.max(SECTOR, (bytes + SECTOR - 1) / SECTOR * SECTOR);
  }

  InodeHeader inode() {
    return inode;
  }

  /**
   * Writes bytes, none of them twice.
   *
   * @param bytes not changed any more
   */
  void write(long at, byte[] bytes, int offset, int length) throws CommandFailure {
    long end = at + length;
    if (end > size) {
      resize(Math.min(InodeHeader.maxSize(inode.blockSizeShift()), Math.max(end, 2 * size)), end);
    }
    int done = 0;
    while (done < length) {
      long position = at + done;
      long within = position % inode.objectSize();
      int count = (int) Math.min(length - done, inode.objectSize() - within);
      filler.write(
          (int) (position / inode.objectSize()),
          within,
          Unpooled.wrappedBuffer(bytes, offset + done, count));
      done += count;
    }
  }

  /** Writes the last index entries; the image has exactly that many bytes then. */
  void finish(long bytes) throws CommandFailure {
    filler.finish();
    long wanted = sectors(bytes);
    if (wanted != size) {
      resize(wanted, wanted);
    }
  }

  private void resize(long wanted, long needed) throws CommandFailure {
    if (wanted < needed) {
      throw new CommandFailure(
          1,
          "The data does not fit: an image with objects of 2^"
              + inode.blockSizeShift()
              + " bytes has at most "
              + wanted
              + " bytes; give a larger -z");
    }
    ByteBuf field = Unpooled.buffer(Long.BYTES).writeLongLE(wanted);
    ObjectBody body =
        ObjectBody.of(ObjectId.inode(inode.vdiId()), InodeLayout.VDI_SIZE, inode.copies());
    remote.require(
        remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT | RequestFlags.SHRINK, body, field),
        "Failed to resize VDI " + inode.name());
    size = wanted;
  }
}
