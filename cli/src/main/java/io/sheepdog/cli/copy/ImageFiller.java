package io.sheepdog.cli.copy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * Makes the objects of an image that nobody else uses, several at a time, and then names them in
 * its index: an entry never names an object that is not there (R7).
 */
public final class ImageFiller {
  private static final int WINDOW = 8;

  /** Objects after which the index is written. */
  private static final int INDEX_AFTER = 256;

  private final Remote remote;
  private final InodeHeader inode;
  private final int[] owners;
  private final BitSet made = new BitSet();
  private final BitSet unnamed = new BitSet();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  private record Pending(int ticket, ObjectId oid) {}

  /**
   * @param owners index entries with which the image began; objects that it shares are copied when
   *     they are made
   */
  public ImageFiller(Remote remote, InodeHeader inode, int[] owners) {
    this.remote = remote;
    this.inode = inode;
    this.owners = owners;
    for (int index = 0; index < owners.length; index++) {
      made.set(index, owners[index] == inode.vdiId().value());
    }
  }

  /** Makes an object with what it shares, or zeros, in it; not if it is there already. */
  public void make(int index) throws CommandFailure {
    if (!made.get(index)) {
      create(index, 0, Unpooled.EMPTY_BUFFER);
    }
  }

  /**
   * Writes a part of an object.
   *
   * @param bytes kept until they are sent; nobody changes them
   */
  public void write(int index, long within, ByteBuf bytes) throws CommandFailure {
    if (!made.get(index)) {
      create(index, within, bytes);
      return;
    }
    awaitAll();
    ObjectId oid = ObjectId.data(inode.vdiId(), index);
    submit(oid, Opcode.WRITE_OBJ, 0, ObjectBody.of(oid, within, inode.copies()), bytes);
  }

  private void create(int index, long within, ByteBuf bytes) throws CommandFailure {
    ObjectId oid = ObjectId.data(inode.vdiId(), index);
    ObjectBody body = ObjectBody.of(oid, within, inode.copies());
    boolean shared = index < owners.length && owners[index] != 0;
    submit(
        oid,
        Opcode.CREATE_AND_WRITE_OBJ,
        shared ? RequestFlags.COW : 0,
        shared ? body.withCowOid(ObjectId.data(new VdiId(owners[index]), index)) : body,
        bytes);
    made.set(index);
    unnamed.set(index);
    if (unnamed.cardinality() >= INDEX_AFTER) {
      nameObjects();
    }
  }

  private void submit(ObjectId oid, Opcode opcode, int flags, ObjectBody body, ByteBuf bytes)
      throws CommandFailure {
    while (pending.size() >= WINDOW) {
      awaitOne();
    }
    int length = bytes.readableBytes();
    int write = length == 0 ? 0 : RequestFlags.WRITE;
    Request request = Request.of(opcode, RequestFlags.DIRECT | flags | write, length, body);
    pending.add(new Pending(remote.submit(request, bytes), oid));
  }

  private void awaitOne() throws CommandFailure {
    Pending oldest = pending.remove();
    require(remote.await(oldest.ticket()), oldest.oid());
  }

  private void awaitAll() throws CommandFailure {
    while (!pending.isEmpty()) {
      awaitOne();
    }
  }

  private void require(Response response, ObjectId oid) throws CommandFailure {
    if (!response.isSuccess()) {
      throw new CommandFailure(
          1,
          "Failed to write object " + oid + ": " + remote.text(response) + "\nFailed to write VDI");
    }
  }

  private void nameObjects() throws CommandFailure {
    awaitAll();
    ObjectId oid = ObjectId.inode(inode.vdiId());
    for (int first = unnamed.nextSetBit(0); first >= 0; first = unnamed.nextSetBit(first)) {
      int end = unnamed.nextClearBit(first);
      ByteBuf entries = Unpooled.buffer((end - first) * InodeLayout.INDEX_ENTRY_SIZE);
      for (int index = first; index < end; index++) {
        entries.writeIntLE(inode.vdiId().value());
      }
      ObjectBody body = ObjectBody.of(oid, InodeLayout.indexEntryOffset(first), inode.copies());
      require(remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT, body, entries), oid);
      unnamed.clear(first, end);
    }
  }

  /** Completes what was begun. */
  public void finish() throws CommandFailure {
    nameObjects();
  }
}
