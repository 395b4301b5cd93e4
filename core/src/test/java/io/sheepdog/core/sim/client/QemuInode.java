package io.sheepdog.core.sim.client;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.sim.client.Requests.Outgoing;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The inode as QEMU keeps it in memory: the header of now, and a table that only this client
 * changes.
 */
final class QemuInode {
  private final int[] table;
  private final int cacheFlag;
  private InodeHeader header;

  private QemuInode(InodeHeader header, int[] table, int cacheFlag) {
    this.header = header;
    this.table = table;
    this.cacheFlag = cacheFlag;
  }

  /** Bytes of an inode with that many objects. */
  static int size(int objects) {
    return InodeLayout.INDEX_OFFSET + objects * InodeLayout.INDEX_ENTRY_SIZE;
  }

  /** Reads {@link #size} bytes. */
  static QemuInode parse(byte[] bytes, int objects, int cacheFlag) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] table = new int[objects];
    for (int i = 0; i < objects; i++) {
      table[i] = buffer.getInt(InodeLayout.INDEX_OFFSET + i * InodeLayout.INDEX_ENTRY_SIZE);
    }
    return new QemuInode(InodeHeader.decode(Unpooled.wrappedBuffer(bytes)), table, cacheFlag);
  }

  /**
   * Takes over the header of another vid; the table stays (spec/client-behaviour.md section 1.5).
   */
  void replaceHeader(byte[] bytes) {
    header = InodeHeader.decode(Unpooled.wrappedBuffer(bytes));
  }

  InodeHeader header() {
    return header;
  }

  VdiId vid() {
    return header.vdiId();
  }

  boolean isAllocated(int object) {
    return table[object] != 0;
  }

  boolean isOwn(int object) {
    return table[object] == vid().value();
  }

  void own(int object, VdiId owner) {
    table[object] = owner.value();
  }

  void drop(int object) {
    table[object] = 0;
  }

  private VdiId owner(int object) {
    return new VdiId(table[object]);
  }

  /** What it takes to write data now: a write, a creation, or a copy-on-write. */
  Outgoing writeData(int object, int offset, byte[] data) {
    ObjectId own = ObjectId.data(vid(), object);
    if (isOwn(object)) {
      return Requests.write(own, offset, data, cacheFlag);
    }
    return isAllocated(object)
        ? Requests.copyOnWrite(own, ObjectId.data(owner(object), object), offset, data, cacheFlag)
        : Requests.create(own, offset, data, cacheFlag);
  }

  Outgoing readData(int object, int offset, int length) {
    return Requests.read(ObjectId.data(owner(object), object), offset, length, cacheFlag);
  }

  /** Writes the table entry of an object as it is in memory. */
  Outgoing writeEntry(int object) {
    return writeEntry(object, table[object]);
  }

  /** Writes zero to the table entry of an object. */
  Outgoing discardEntry(int object) {
    return writeEntry(object, 0);
  }

  private Outgoing writeEntry(int object, int value) {
    byte[] entry =
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    return Requests.write(
        ObjectId.inode(vid()), InodeLayout.indexEntryOffset(object), entry, cacheFlag);
  }

  Outgoing flush() {
    return Requests.flush(vid());
  }
}
