package io.sheepdog.cli;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.NoBody;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseBody;
import io.sheepdog.protocol.message.UsageBody;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.NameTag;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiAttribute;
import io.sheepdog.protocol.payload.VdiBitmap;
import io.sheepdog.protocol.payload.VdiLockPayload;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Images of a {@link FakeWorld}: whole inodes and data objects as bytes. */
final class FakeVdis {
  /** 2010-05-02 13:16:00 UTC, the time in the guide's table. */
  static final long GUIDE_TIME = 1272806160L;

  private static final int INODE_ROOM = InodeLayout.HEADER_SIZE + (1 << 16);

  private final TreeMap<Integer, byte[]> inodes = new TreeMap<>();
  private final Map<ObjectId, byte[]> objects = new HashMap<>();
  private final Map<Integer, NodeAddress> locks = new HashMap<>();

  boolean isEmpty() {
    return inodes.isEmpty();
  }

  /** Adds an image as it is, with objects of its own and of others by their number. */
  void add(InodeHeader header, int... owners) {
    ByteBuf bytes = Unpooled.buffer(INODE_ROOM, INODE_ROOM);
    header.encode(bytes);
    for (int owner : owners) {
      bytes.writeIntLE(owner);
    }
    inodes.put(header.vdiId().value(), bytes.array());
  }

  static InodeHeader header(String name, int vid, long size) {
    return new InodeHeader(
        name,
        "",
        new SheepTime(GUIDE_TIME << 32),
        SheepTime.NONE,
        0,
        size,
        0,
        0,
        0,
        3,
        22,
        1,
        new VdiId(vid),
        VdiId.NONE,
        0);
  }

  void lock(int vid, String gateway) {
    locks.put(vid, NodeAddress.parse(gateway));
  }

  boolean isLocked(int vid) {
    return locks.containsKey(vid);
  }

  boolean has(ObjectId oid) {
    return oid.kind() == ObjectKind.INODE
        ? inodes.containsKey(oid.vid().value())
        : objects.containsKey(oid);
  }

  InodeHeader header(int vid) {
    return InodeHeader.decode(Unpooled.wrappedBuffer(inodes.get(vid)));
  }

  @Nullable InodeHeader head(String name) {
    return find(name, "", 0);
  }

  /** The snapshot of that tag, which must be there. */
  InodeHeader snapshot(String name, String tag) {
    return Objects.requireNonNull(find(name, tag, 0), tag);
  }

  /** An object as it is. */
  void put(ObjectId oid, byte[] bytes) {
    objects.put(oid, bytes);
  }

  /** The bytes of an object, which must be there. */
  byte[] object(ObjectId oid) {
    return Objects.requireNonNull(objects.get(oid), oid.toString());
  }

  /** Another header for an image that is there. */
  void replace(InodeHeader header) {
    store(header);
  }

  /** The working image of that name, which must be there. */
  InodeHeader image(String name) {
    return Objects.requireNonNull(head(name), name);
  }

  ByteBuf list(Opcode opcode, int room) {
    if (opcode == Opcode.GET_VDI_COPIES) {
      return inodes.size() * VdiStatePayload.SIZE > room ? Unpooled.EMPTY_BUFFER : states();
    }
    VdiBitmap bitmap = new VdiBitmap();
    for (int vid : inodes.keySet()) {
      if (opcode == Opcode.READ_VDIS || header(vid).isDeleted()) {
        bitmap.set(new VdiId(vid));
      }
    }
    ByteBuf out = Unpooled.buffer(VdiBitmap.SIZE);
    bitmap.encode(out);
    return out;
  }

  /** The locks, of which it is known that a machine on 10.0.0.5 has them since the guide's time. */
  ByteBuf locks() {
    ByteBuf out = Unpooled.buffer();
    new TreeMap<>(locks)
        .forEach(
            (vid, gateway) ->
                new VdiLockPayload(
                        new VdiId(vid),
                        VdiLockPayload.Kind.CLIENT,
                        false,
                        7,
                        new SheepTime(GUIDE_TIME << 32),
                        gateway,
                        "10.0.0.5")
                    .encode(out));
    return out;
  }

  /** VDI_USAGE, two VDIs at a time. */
  Reply usages(Request request) {
    VdiId from = ((UsageBody) request.body()).from();
    ByteBuf out = Unpooled.buffer();
    int next = 0;
    int count = 0;
    for (int vid : inodes.tailMap(from.value()).keySet()) {
      InodeHeader header = header(vid);
      if (!header.isDeleted() && count++ < 2) {
        ByteBuf index = Unpooled.wrappedBuffer(inodes.get(vid)).skipBytes(InodeLayout.INDEX_OFFSET);
        VdiUsage.of(header, index.slice(index.readerIndex(), indexSize(header, index))).encode(out);
      } else if (!header.isDeleted() && next == 0) {
        next = vid;
      }
    }
    Response header =
        Response.to(request, Epoch.ZERO, ResultCode.SUCCESS, new PeerReply(1, 1, next));
    return new Reply(header.withDataLength(out.readableBytes()), out);
  }

  private static int indexSize(InodeHeader header, ByteBuf index) {
    return Math.min(VdiUsage.indexSize(header), index.readableBytes());
  }

  /** GET_VDI_ATTR of a daemon that has this cluster for itself. */
  Reply attribute(Request request, ByteBuf payload) {
    VdiAttribute asked = VdiAttribute.decode(payload);
    if (head(asked.name()) == null) {
      return reply(request, ResultCode.NO_VDI, NoBody.INSTANCE);
    }
    ObjectId slot = asked.firstSlot();
    boolean there = objects.containsKey(slot);
    boolean creates = request.hasFlag(RequestFlags.CREAT);
    if (there && creates && request.hasFlag(RequestFlags.EXCL)) {
      return reply(request, ResultCode.VDI_EXIST, NoBody.INSTANCE);
    }
    if (!there && !creates) {
      return reply(request, ResultCode.NO_OBJ, NoBody.INSTANCE);
    }
    if (creates) {
      ByteBuf bytes = Unpooled.buffer(VdiAttribute.SIZE);
      asked.encode(bytes);
      objects.put(slot, bytes.array());
    } else if (request.hasFlag(RequestFlags.DEL)) {
      objects.remove(slot);
    }
    return reply(request, ResultCode.SUCCESS, new VdiReply(slot.vid(), (int) slot.index(), 0, 0));
  }

  private ByteBuf states() {
    ByteBuf out = Unpooled.buffer();
    for (int vid : inodes.keySet()) {
      InodeHeader header = header(vid);
      NodeAddress owner = locks.get(vid);
      new VdiStatePayload(
              header.vdiId(),
              header.copies(),
              header.isSnapshot(),
              header.isDeleted(),
              0,
              header.blockSizeShift(),
              header.parentVdiId(),
              owner == null ? LockState.UNLOCKED : LockState.LOCKED,
              owner == null ? NodeAddress.NONE : owner,
              List.of())
          .encode(out);
    }
    return out;
  }

  Reply named(Request request, Opcode opcode, VdiBody body, ByteBuf payload) {
    if (opcode == Opcode.RELEASE_VDI) {
      locks.remove(body.baseVdiId().value());
      return reply(request, ResultCode.SUCCESS, NoBody.INSTANCE);
    }
    NameTag name = NameTag.decode(payload, payload.readableBytes());
    if (opcode == Opcode.NEW_VDI) {
      return create(request, body, name.name());
    }
    InodeHeader found = find(name.name(), name.tag(), body.snapshotId());
    if (found == null) {
      boolean known = head(name.name()) != null;
      return reply(request, known ? ResultCode.NO_TAG : ResultCode.NO_VDI, NoBody.INSTANCE);
    }
    int vid = found.vdiId().value();
    if (opcode != Opcode.GET_VDI_INFO && locks.containsKey(vid)) {
      return reply(request, ResultCode.VDI_LOCKED, NoBody.INSTANCE);
    }
    if (opcode == Opcode.LOCK_VDI) {
      locks.put(vid, NodeAddress.parse("127.0.0.1:7000"));
    } else if (opcode == Opcode.DEL_VDI) {
      store(found.cleared());
    }
    return reply(request, ResultCode.SUCCESS, new VdiReply(found.vdiId(), 0, found.copies(), 22));
  }

  private @Nullable InodeHeader find(String name, String tag, int id) {
    boolean wantsSnapshot = !tag.isEmpty() || id != 0;
    for (int vid : inodes.keySet()) {
      InodeHeader header = header(vid);
      boolean matches =
          !wantsSnapshot || header.tag().equals(tag) && id == 0 || header.snapshotId() == id;
      if (header.name().equals(name) && header.isSnapshot() == wantsSnapshot && matches) {
        return header;
      }
    }
    return null;
  }

  private Reply create(Request request, VdiBody body, String name) {
    InodeHeader head = head(name);
    boolean snapshot = body.snapshotId() != 0;
    if (!snapshot && head != null) {
      return reply(request, ResultCode.VDI_EXIST, NoBody.INSTANCE);
    }
    int vid = VdiId.hashOf(name).value();
    while (inodes.containsKey(vid)) {
      vid++;
    }
    int[] owners = new int[0];
    if (!body.baseVdiId().isNone()) {
      ByteBuf base = Unpooled.wrappedBuffer(inodes.get(body.baseVdiId().value()));
      base.readerIndex(InodeLayout.INDEX_OFFSET);
      owners = new int[base.readableBytes() / Integer.BYTES];
      for (int i = 0; i < owners.length; i++) {
        owners[i] = base.readIntLE();
      }
    }
    if (snapshot && head != null) {
      store(head.withSnapshotTime(new SheepTime(GUIDE_TIME + 60 << 32)));
    }
    int id = snapshot && head != null ? head.snapshotId() + 1 : 1;
    InodeHeader created =
        new InodeHeader(
            name,
            "",
            new SheepTime(GUIDE_TIME << 32),
            SheepTime.NONE,
            0,
            body.size(),
            0,
            0,
            0,
            body.copies() == 0 ? 3 : body.copies(),
            body.blockSizeShift() == 0 ? 22 : body.blockSizeShift(),
            id,
            new VdiId(vid),
            body.baseVdiId(),
            0);
    add(created, owners);
    return reply(request, ResultCode.SUCCESS, new VdiReply(created.vdiId(), 0, 3, 22));
  }

  private void store(InodeHeader header) {
    ByteBuf bytes = Unpooled.buffer(InodeLayout.HEADER_SIZE);
    header.encode(bytes);
    System.arraycopy(
        bytes.array(), 0, inodes.get(header.vdiId().value()), 0, InodeLayout.HEADER_SIZE);
  }

  private byte @Nullable [] bytes(ObjectId oid) {
    return oid.kind() == ObjectKind.INODE ? inodes.get(oid.vid().value()) : objects.get(oid);
  }

  Reply read(Request request, ObjectId oid, int offset) {
    byte[] object = bytes(oid);
    if (object == null) {
      return reply(request, ResultCode.NO_OBJ, NoBody.INSTANCE);
    }
    byte[] part = Arrays.copyOfRange(object, offset, offset + request.dataLength());
    return new Reply(
        Response.to(request, Epoch.ZERO, ResultCode.SUCCESS), Unpooled.wrappedBuffer(part));
  }

  Reply write(Request request, Opcode opcode, ObjectBody body, ByteBuf payload) {
    ObjectId oid = body.oid();
    if (opcode == Opcode.CREATE_AND_WRITE_OBJ) {
      byte[] source = request.hasFlag(RequestFlags.COW) ? objects.get(body.cowOid()) : null;
      objects.put(oid, source == null ? new byte[4 << 20] : source.clone());
    }
    byte[] object = bytes(oid);
    if (opcode == Opcode.FLUSH_VDI || object != null) {
      int length = payload.readableBytes();
      if (object != null && opcode != Opcode.FLUSH_VDI) {
        payload.readBytes(object, (int) body.offset(), length);
      }
      return reply(request, ResultCode.SUCCESS, NoBody.INSTANCE);
    }
    return reply(request, ResultCode.NO_OBJ, NoBody.INSTANCE);
  }

  private static Reply reply(Request request, ResultCode code, ResponseBody body) {
    return new Reply(Response.to(request, Epoch.ZERO, code, body), Unpooled.EMPTY_BUFFER);
  }
}
