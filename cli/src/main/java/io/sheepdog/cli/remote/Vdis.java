package io.sheepdog.cli.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.UsageBody;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.VdiUsage;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Images and their inodes. */
public final class Vdis {
  /** What the JVM makes of an argument's bytes that are no UTF-8. */
  private static final char REPLACEMENT = '\ufffd';

  /** Bytes of a page of usages. */
  private static final int USAGE_ROOM = 1 << 20;

  private final Remote remote;
  private final VdiStates states;

  /** Reads through that daemon. */
  public Vdis(Remote remote) {
    this.remote = remote;
    this.states = new VdiStates(remote);
  }

  /** Which vids are used and locked. */
  public VdiStates states() {
    return states;
  }

  /** Headers of all images and snapshots that are not deleted, in ascending vid order. */
  public List<InodeHeader> headers() throws CommandFailure {
    List<VdiId> vids = states.existing();
    List<Request> requests = new ArrayList<>(vids.size());
    for (VdiId vid : vids) {
      requests.add(readRequest(ObjectId.inode(vid), 0, InodeLayout.HEADER_SIZE));
    }
    List<InodeHeader> headers = new ArrayList<>(vids.size());
    remote.fetchAll(
        requests,
        (number, reply) -> {
          check(reply, InodeLayout.HEADER_SIZE, "Failed to read inode of VDI " + vids.get(number));
          InodeHeader header = InodeHeader.decode(reply.payload());
          // one that was deleted since
          if (!header.isDeleted()) {
            headers.add(header);
          }
        });
    return headers;
  }

  /**
   * Headers of all images and snapshots that are not deleted, with the objects that they use, in
   * ascending vid order; none while the cluster waits. The daemons count: an index of 4 MiB stays
   * where it is.
   */
  public List<VdiUsage> usages() throws CommandFailure {
    List<VdiUsage> all = new ArrayList<>();
    VdiId from = new VdiId(1);
    while (!from.isNone()) {
      Reply reply = remote.call(usageRequest(from), Unpooled.EMPTY_BUFFER);
      try {
        Response header = reply.header();
        if (header.is(ResultCode.WAIT_FOR_FORMAT) || header.is(ResultCode.WAIT_FOR_JOIN)) {
          // fails if the node is no member of the cluster that waits
          states.existing();
          return List.of();
        }
        if (header.is(ResultCode.INVALID_PARMS)) {
          return usagesByIndex();
        }
        from = next(header);
        for (VdiUsage usage : VdiUsage.decodeList(reply.payload())) {
          checkObjectSize(usage.inode());
          all.add(usage);
        }
      } catch (ProtocolException e) {
        throw remote.damaged(e);
      } finally {
        reply.release();
      }
    }
    return all;
  }

  private static Request usageRequest(VdiId from) {
    return Request.of(Opcode.VDI_USAGE, RequestFlags.NONE, USAGE_ROOM, new UsageBody(from));
  }

  private VdiId next(Response response) throws CommandFailure {
    long vid = response.body() instanceof PeerReply answer ? answer.aux() : 0;
    if (!response.isSuccess()) {
      String what = vid == 0 ? "list VDIs" : "read inode of VDI " + new VdiId((int) vid);
      remote.require(response, "Failed to " + what);
    }
    return new VdiId((int) vid);
  }

  /** From a daemon that does not count. */
  private List<VdiUsage> usagesByIndex() throws CommandFailure {
    return ofIndexes(
        headers(),
        (header, index) -> {
          ByteBuf entries = Unpooled.buffer(index.length * InodeLayout.INDEX_ENTRY_SIZE);
          for (int owner : index) {
            entries.writeIntLE(owner);
          }
          return VdiUsage.of(header, entries);
        });
  }

  /** The header of an image. */
  public InodeHeader header(VdiId vid) throws CommandFailure {
    ByteBuf bytes =
        read(ObjectId.inode(vid), 0, InodeLayout.HEADER_SIZE, "Failed to read inode of VDI " + vid);
    try {
      return InodeHeader.decode(bytes);
    } catch (ProtocolException e) {
      throw new CommandFailure(1, "The inode of VDI " + vid + " is damaged: " + e.getMessage());
    } finally {
      bytes.release();
    }
  }

  /** The index entries of an image up to its size: vid by object index, 0 for a hole. */
  public int[] index(InodeHeader header) throws CommandFailure {
    return indexes(List.of(header)).get(0);
  }

  /** The index entries of several images: all of them are in memory. */
  public List<int[]> indexes(List<InodeHeader> headers) throws CommandFailure {
    return ofIndexes(headers, (header, index) -> index);
  }

  /**
   * Makes a value of the index of each of several images, and forgets the index: those of thousands
   * of images have hundreds of megabytes.
   */
  public <T> List<T> ofIndexes(List<InodeHeader> headers, BiFunction<InodeHeader, int[], T> value)
      throws CommandFailure {
    List<Request> requests = new ArrayList<>(headers.size());
    for (InodeHeader header : headers) {
      requests.add(
          readRequest(
              ObjectId.inode(header.vdiId()),
              InodeLayout.INDEX_OFFSET,
              Math.max(1, entryCount(header)) * InodeLayout.INDEX_ENTRY_SIZE));
    }
    List<T> values = new ArrayList<>(headers.size());
    remote.fetchAll(
        requests,
        (number, reply) -> {
          int[] entries = new int[entryCount(headers.get(number))];
          check(reply, requests.get(number).dataLength(), "Failed to read an index");
          reply.payload().nioBuffer().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(entries);
          values.add(value.apply(headers.get(number), entries));
        });
    return values;
  }

  private static void checkObjectSize(InodeHeader header) throws CommandFailure {
    if (header.blockSizeShift() == 0) {
      throw new CommandFailure(
          1, "The inode of VDI " + header.vdiId() + " is damaged: no object size");
    }
  }

  private static int entryCount(InodeHeader header) throws CommandFailure {
    checkObjectSize(header);
    return (int) Math.min(header.objectCount(), InodeLayout.INDEX_ENTRIES);
  }

  private static Request readRequest(ObjectId oid, long offset, int length) {
    return Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, ObjectBody.of(oid, offset));
  }

  private void check(Reply reply, int length, String what) throws CommandFailure {
    if (!reply.header().isSuccess()) {
      throw remote.failure(reply.header(), what);
    }
    if (reply.payload().readableBytes() != length) {
      throw new CommandFailure(
          1, what + ": " + reply.payload().readableBytes() + " bytes came instead of " + length);
    }
  }

  /** Reads from an object; the caller releases the bytes. */
  public ByteBuf read(ObjectId oid, long offset, int length, String what) throws CommandFailure {
    Reply reply = remote.call(readRequest(oid, offset, length), Unpooled.EMPTY_BUFFER);
    try {
      check(reply, length, what);
      return reply.payload().retain();
    } finally {
      reply.release();
    }
  }

  /**
   * Looks an image up.
   *
   * @param snapshot tag or number, null for the working image
   * @return the response; its {@link VdiReply} names the vid
   */
  public Response lookup(String name, @Nullable Snapshot snapshot) throws CommandFailure {
    return nameRequest(Opcode.GET_VDI_INFO, name, snapshot, VdiBody.LOCK_NORMAL);
  }

  /** Sends a request that names an image and perhaps a snapshot of it. */
  public Response nameRequest(Opcode opcode, String name, @Nullable Snapshot snapshot, int type)
      throws CommandFailure {
    ByteBuf payload = Unpooled.buffer(NameTag.NAME_AND_TAG_SIZE);
    nameTag(name, snapshot == null ? "" : snapshot.tag()).encodeNameAndTag(payload);
    int snapshotId = snapshot == null ? 0 : snapshot.id();
    VdiBody body = new VdiBody(0, VdiId.NONE, 0, 0, 0, 0, snapshotId, type);
    return remote.send(opcode, RequestFlags.NONE, body, payload);
  }

  private NameTag nameTag(String name, String tag) throws CommandFailure {
    try {
      if (name.indexOf(REPLACEMENT) >= 0 || tag.indexOf(REPLACEMENT) >= 0) {
        throw new ProtocolException("it is not valid UTF-8");
      }
      return new NameTag(name, tag);
    } catch (ProtocolException e) {
      throw new CommandFailure(
          remote.profile().usageExit(), "Invalid name '" + name + "': " + e.getMessage());
    }
  }

  /** NEW_VDI: a new image, a clone or (with a snapshot id in the body) a snapshot. */
  public VdiId create(String name, VdiBody body, String what) throws CommandFailure {
    ByteBuf payload = Unpooled.buffer(NameTag.NAME_SIZE);
    nameTag(name, "").encodeName(payload);
    Response response = remote.send(Opcode.NEW_VDI, RequestFlags.NONE, body, payload);
    remote.require(response, what);
    return response.body() instanceof VdiReply created ? created.vdiId() : VdiId.NONE;
  }

  /** Looks an image up and reads its header, or gives up. */
  public InodeHeader open(String name, @Nullable Snapshot snapshot) throws CommandFailure {
    Response response = lookup(name, snapshot);
    if (!response.isSuccess() || !(response.body() instanceof VdiReply found)) {
      int id = snapshot == null ? 0 : snapshot.id();
      String tag = snapshot == null ? "" : snapshot.tag();
      throw remote.failure(
          response,
          "Failed to open VDI " + name + " (snapshot id: " + id + " snapshot tag: " + tag + ")");
    }
    return header(found.vdiId());
  }

  /** Writes to the header of an inode. */
  public Response writeHeader(InodeHeader inode, int offset, ByteBuf bytes) throws CommandFailure {
    ObjectBody body = ObjectBody.of(ObjectId.inode(inode.vdiId()), offset, inode.copies());
    return remote.send(Opcode.WRITE_OBJ, RequestFlags.DIRECT, body, bytes);
  }

  /** Gives a working image the tag that its snapshot is to have; empty for none. */
  public void tag(InodeHeader inode, String text) throws CommandFailure {
    ByteBuf bytes = Unpooled.buffer(Limits.TAG_SIZE);
    WireText.write(bytes, text, Limits.TAG_SIZE, "Snapshot tag");
    remote.require(writeHeader(inode, InodeLayout.TAG, bytes), "Failed to tag VDI " + inode.name());
  }

  /** Whether the result means that there is no such image or snapshot. */
  public static boolean isMissing(Response response) {
    return response.is(ResultCode.NO_VDI) || response.is(ResultCode.NO_TAG);
  }
}
