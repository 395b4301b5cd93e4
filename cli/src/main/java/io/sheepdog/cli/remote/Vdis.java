package io.sheepdog.cli.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.VdiBitmap;
import io.sheepdog.protocol.payload.VdiStatePayload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images and their inodes. */
public final class Vdis {
  private static final int FIRST_STATES = 512;
  private static final int MAX_STATES = 40_000;
  private final Remote remote;

  /** Reads through that daemon. */
  public Vdis(Remote remote) {
    this.remote = remote;
  }

  /** Headers of all images and snapshots that are not deleted, in ascending vid order. */
  public List<InodeHeader> headers() throws CommandFailure {
    VdiBitmap used = bitmap(Opcode.READ_VDIS);
    VdiBitmap deleted = bitmap(Opcode.READ_DEL_VDIS);
    List<InodeHeader> headers = new ArrayList<>();
    VdiId vid = used.firstSet(new VdiId(1));
    while (vid != null) {
      if (!deleted.get(vid)) {
        InodeHeader header = header(vid);
        if (!header.isDeleted()) {
          headers.add(header);
        }
      }
      vid = vid.value() == VdiId.MAX_VALUE ? null : used.firstSet(new VdiId(vid.value() + 1));
    }
    return headers;
  }

  /** Whether any image exists that is not deleted. */
  public boolean any() throws CommandFailure {
    VdiBitmap used = bitmap(Opcode.READ_VDIS);
    return used.cardinality() > bitmap(Opcode.READ_DEL_VDIS).cardinality();
  }

  private VdiBitmap bitmap(Opcode opcode) throws CommandFailure {
    return remote.fetch(
        opcode, RawBody.EMPTY, VdiBitmap.SIZE, reply -> VdiBitmap.decode(reply.payload()));
  }

  /** The header of an image. */
  public InodeHeader header(VdiId vid) throws CommandFailure {
    ByteBuf bytes =
        read(ObjectId.inode(vid), 0, InodeLayout.HEADER_SIZE, "Failed to read inode header");
    try {
      return InodeHeader.decode(bytes);
    } finally {
      bytes.release();
    }
  }

  /** The index entries of an image up to its size: vid by object index, 0 for a hole. */
  public int[] index(InodeHeader header) throws CommandFailure {
    int count = (int) Math.min(header.objectCount(), InodeLayout.INDEX_ENTRIES);
    int[] entries = new int[count];
    if (count > 0) {
      ByteBuf bytes =
          read(
              ObjectId.inode(header.vdiId()),
              InodeLayout.INDEX_OFFSET,
              count * InodeLayout.INDEX_ENTRY_SIZE,
              "Failed to read the index of " + header.name());
      for (int i = 0; i < count; i++) {
        entries[i] = bytes.readIntLE();
      }
      bytes.release();
    }
    return entries;
  }

  /** Reads from an object; the caller releases the bytes. */
  public ByteBuf read(ObjectId oid, long offset, int length, String what) throws CommandFailure {
    Reply reply =
        remote.call(
            Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, ObjectBody.of(oid, offset)),
            Unpooled.EMPTY_BUFFER);
    if (!reply.header().isSuccess() || reply.payload().readableBytes() != length) {
      reply.release();
      throw remote.failure(reply.header(), what + " " + oid);
    }
    return reply.payload();
  }

  /** How space of an image is used. */
  public Usage usage(InodeHeader header) throws CommandFailure {
    long own = 0;
    long shared = 0;
    for (int owner : index(header)) {
      if (owner == header.vdiId().value()) {
        own++;
      } else if (owner != 0) {
        shared++;
      }
    }
    return new Usage(own * header.objectSize(), shared * header.objectSize());
  }

  /**
   * Space of an image in bytes.
   *
   * @param used in objects of its own
   * @param shared in objects of its ancestors
   */
  public record Usage(long used, long shared) {}

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
    try {
      new NameTag(name, snapshot == null ? "" : snapshot.tag()).encodeNameAndTag(payload);
      int snapshotId = snapshot == null ? 0 : snapshot.id();
      return remote.send(
          opcode,
          RequestFlags.NONE,
          new VdiBody(0, VdiId.NONE, 0, 0, 0, 0, snapshotId, type),
          payload);
    } catch (ProtocolException e) {
      throw new CommandFailure(
          remote.profile().usageExit(), "Invalid name '" + name + "': " + e.getMessage());
    } finally {
      payload.release();
    }
  }

  /** Looks an image up and reads its header, or gives up. */
  public InodeHeader open(String name, @Nullable Snapshot snapshot) throws CommandFailure {
    Response response = lookup(name, snapshot);
    if (!response.isSuccess() || !(response.body() instanceof VdiReply found)) {
      String which =
          snapshot == null
              ? "(snapshot id: 0 snapshot tag: )"
              : "(snapshot id: " + snapshot.id() + " snapshot tag: " + snapshot.tag() + ")";
      throw remote.failure(response, "Failed to open VDI " + name + " " + which);
    }
    return header(found.vdiId());
  }

  /** Lock state of every used vid, ascending. */
  public List<VdiStatePayload> states() throws CommandFailure {
    for (int room = FIRST_STATES; ; room *= 4) {
      List<VdiStatePayload> states = states(Math.min(room, MAX_STATES));
      if (states != null) {
        return states;
      }
      if (room >= MAX_STATES) {
        throw new CommandFailure(
            remote.profile().systemExit(), "more VDIs than this tool can list locks of");
      }
    }
  }

  /** The states, null if there are more than {@code room}. */
  private @Nullable List<VdiStatePayload> states(int room) throws CommandFailure {
    Optional<List<VdiStatePayload>> states =
        remote.fetch(
            Opcode.GET_VDI_COPIES,
            RawBody.EMPTY,
            room * VdiStatePayload.SIZE,
            reply ->
                reply.header().is(ResultCode.BUFFER_SMALL)
                    ? Optional.empty()
                    : Optional.of(VdiStatePayload.decodeList(reply.payload())));
    return states.orElse(null);
  }
}
