package io.sheepdog.protocol.message;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import org.jspecify.annotations.Nullable;

/**
 * The 32 body bytes of a request. Offsets are relative to the body, i.e. 16 less than in the
 * records' drawings; decoding reads by absolute index, so that what does not fit its layout can
 * still be kept as it is.
 */
final class RequestBodyCodec {
  private RequestBodyCodec() {}

  static void encode(RequestBody body, ByteBuf out) {
    int start = out.writerIndex();
    out.writeZero(Limits.REQUEST_BODY_SIZE);
    if (body instanceof ObjectBody object) {
      encodeObject(object, out, start);
    } else if (body instanceof VdiBody vdi) {
      encodeVdi(vdi, out, start);
    } else if (body instanceof ClusterBody cluster) {
      encodeCluster(cluster, out, start);
    } else if (body instanceof VdiStateBody state) {
      encodeVdiState(state, out, start);
    } else if (body instanceof RefBody ref) {
      out.setLongLE(start, ref.oid().value());
      out.setIntLE(start + 8, ref.generation());
      out.setIntLE(start + 12, ref.count());
      out.setByte(start + 18, ref.ecIndex());
    } else if (body instanceof ForwardBody forward) {
      out.setLongLE(start, forward.oid().value());
      out.setLong(start + 8, forward.source().high());
      out.setLong(start + 16, forward.source().low());
      out.setShortLE(start + 24, forward.source().port());
    } else if (body instanceof CheckpointBody checkpoint) {
      out.setIntLE(start, checkpoint.get() ? 1 : 0);
      out.setIntLE(start + 4, checkpoint.targetEpoch().value());
      out.setIntLE(start + 8, checkpoint.vid().value());
    } else if (body instanceof CoherenceBody coherence) {
      out.setIntLE(start, coherence.vid().value());
      out.setIntLE(start + 4, coherence.validate() ? 1 : 0);
    } else if (body instanceof PeerBody peer) {
      encodePeer(peer, out, start);
    } else if (body instanceof PeerWriteBody write) {
      encodePeerWrite(write, out, start);
    } else if (body instanceof PeerVersionBody piece) {
      out.setLongLE(start, piece.oid().value());
      out.setLongLE(start + 8, piece.version());
      out.setIntLE(start + 16, (int) piece.offset());
      out.setIntLE(start + 20, (int) piece.length());
      out.setLongLE(start + 24, piece.incarnation());
    } else if (body instanceof PeerCopyBody copy) {
      encodePeerCopy(copy, out, start);
    } else if (body instanceof SequenceBody sequence) {
      out.setLongLE(start, sequence.sequence());
      out.setLongLE(start + 8, sequence.offset());
      out.setLongLE(start + 24, sequence.incarnation());
    } else if (body instanceof LeaseBody lease) {
      out.setLongLE(start, lease.asker());
      out.setLongLE(start + 24, lease.incarnation());
    } else if (body instanceof UsageBody usage) {
      out.setIntLE(start, usage.from().value());
    } else if (body instanceof RawBody raw) {
      out.setLongLE(start, raw.first());
      out.setLongLE(start + 8, raw.second());
      out.setLongLE(start + 16, raw.third());
      out.setLongLE(start + 24, raw.fourth());
    }
  }

  private static void encodeObject(ObjectBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.oid().value());
    out.setLongLE(start + 8, body.cowOid().value());
    out.setByte(start + 16, body.copies());
    out.setByte(start + 17, body.copyPolicy());
    out.setByte(start + 18, body.ecIndex());
    out.setIntLE(start + 20, body.targetEpoch().value());
    out.setIntLE(start + 24, (int) body.offset());
  }

  private static void encodeVdi(VdiBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.size());
    out.setIntLE(start + 8, body.baseVdiId().value());
    out.setByte(start + 12, body.copies());
    out.setByte(start + 13, body.copyPolicy());
    out.setByte(start + 14, body.storePolicy());
    out.setByte(start + 15, body.blockSizeShift());
    out.setIntLE(start + 16, body.snapshotId());
    out.setIntLE(start + 20, body.type());
  }

  private static void encodeCluster(ClusterBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.oid().value());
    out.setLongLE(start + 8, body.creationTime());
    out.setByte(start + 16, body.copies());
    out.setByte(start + 17, body.copyPolicy());
    out.setShortLE(start + 18, body.flags());
    out.setIntLE(start + 20, body.tag());
    out.setIntLE(start + 24, (int) body.nodeSlots());
    out.setByte(start + 28, body.blockSizeShift());
  }

  private static void encodeVdiState(VdiStateBody body, ByteBuf out, int start) {
    out.setIntLE(start, body.oldVid().value());
    out.setIntLE(start + 4, body.newVid().value());
    out.setByte(start + 8, body.copies());
    out.setByte(start + 9, body.setBitmap() ? 1 : 0);
    out.setByte(start + 10, body.copyPolicy());
    out.setByte(start + 11, body.blockSizeShift());
  }

  private static void encodePeer(PeerBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.oid().value());
    out.setIntLE(start + 8, (int) body.generation());
    out.setIntLE(start + 12, (int) body.offset());
    out.setIntLE(start + 16, (int) body.length());
    out.setByte(start + 20, body.copies());
    out.setByte(start + 21, body.copyPolicy());
    out.setByte(start + 22, body.blockSizeShift());
    out.setLongLE(start + 24, body.incarnation());
  }

  private static void encodePeerWrite(PeerWriteBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.oid().value());
    out.setIntLE(start + 8, (int) body.generation());
    out.setIntLE(start + 12, (int) body.offset());
    out.setIntLE(start + 16, body.number());
    out.setIntLE(start + 20, body.settled());
    out.setLongLE(start + 24, body.incarnation());
  }

  private static void encodePeerCopy(PeerCopyBody body, ByteBuf out, int start) {
    out.setLongLE(start, body.oid().value());
    out.setIntLE(start + 8, (int) body.generation());
    out.setIntLE(start + 12, (int) body.offset());
    out.setIntLE(start + 16, body.source().value());
    out.setByte(start + 20, body.copies());
    out.setByte(start + 21, body.copyPolicy());
    out.setByte(start + 22, body.blockSizeShift());
    out.setByte(start + 23, body.sums() ? 1 : 0);
    out.setLongLE(start + 24, body.incarnation());
  }

  static RequestBody decode(int opcode, ByteBuf in) {
    int start = in.readerIndex();
    in.skipBytes(Limits.REQUEST_BODY_SIZE);
    Opcode operation = Opcode.fromCode(opcode);
    RequestBody body = operation == null ? null : decodeKnown(operation, in, start);
    return body == null ? decodeRaw(in, start) : body;
  }

  private static RawBody decodeRaw(ByteBuf in, int start) {
    return new RawBody(
        in.getLongLE(start),
        in.getLongLE(start + 8),
        in.getLongLE(start + 16),
        in.getLongLE(start + 24));
  }

  /** The body in the layout of its operation, or null if it has none or a field is impossible. */
  private static @Nullable RequestBody decodeKnown(Opcode operation, ByteBuf in, int start) {
    return switch (operation) {
      case CREATE_AND_WRITE_OBJ,
          READ_OBJ,
          WRITE_OBJ,
          REMOVE_OBJ,
          DISCARD_OBJ,
          FLUSH_VDI,
          GET_OBJ_LIST,
          GET_EPOCH,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          COMPLETE_RECOVERY,
          GET_HASH,
          EXIST ->
          decodeObject(in, start);
      case NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI, GET_VDI_ATTR ->
          decodeVdi(in, start);
      case MAKE_FS, STAT_CLUSTER, ALTER_CLUSTER_COPY -> decodeCluster(in, start);
      case NOTIFY_VDI_ADD, ALTER_VDI_COPY -> decodeVdiState(in, start);
      case DECREF_OBJ, DECREF_PEER ->
          new RefBody(
              oid(in, start),
              in.getIntLE(start + 8),
              in.getIntLE(start + 12),
              in.getUnsignedByte(start + 18));
      case REPAIR_REPLICA ->
          new ForwardBody(
              oid(in, start),
              new NodeAddress(
                  in.getLong(start + 8),
                  in.getLong(start + 16),
                  in.getUnsignedShortLE(start + 24)));
      case VDI_STATE_CHECKPOINT_CTL -> decodeCheckpoint(in, start);
      case INODE_COHERENCE -> decodeCoherence(in, start);
      case PEER_WRITE -> decodePeerWrite(in, start);
      case PEER_COPY -> decodePeerCopy(in, start);
      case PEER_READ,
          PEER_CREATE,
          PEER_REMOVE,
          PEER_SYNC,
          PEER_LIST,
          PEER_DRAIN,
          PEER_FETCH,
          PEER_OBJECTS,
          PEER_TORN,
          PEER_REPAIR,
          PEER_DIGEST,
          PEER_REPAIR_SOON,
          PEER_CLEAN,
          PEER_CHANGES,
          PEER_COMPARE,
          PEER_USAGE ->
          decodePeer(in, start);
      case PEER_PIECE, PEER_PATCH ->
          new PeerVersionBody(
              oid(in, start),
              in.getLongLE(start + 8),
              in.getUnsignedIntLE(start + 16),
              in.getUnsignedIntLE(start + 20),
              in.getLongLE(start + 24));
      case PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY, PEER_HELLO ->
          new SequenceBody(in.getLongLE(start), in.getLongLE(start + 8), in.getLongLE(start + 24));
      case VDI_USAGE -> decodeUsage(in, start);
      case PEER_LEASE -> new LeaseBody(in.getLongLE(start), in.getLongLE(start + 24));
      default -> null;
    };
  }

  private static ObjectId oid(ByteBuf in, int index) {
    return new ObjectId(in.getLongLE(index));
  }

  private static @Nullable ObjectBody decodeObject(ByteBuf in, int start) {
    if (in.getIntLE(start + 28) != 0) {
      return null;
    }
    return new ObjectBody(
        oid(in, start),
        oid(in, start + 8),
        in.getUnsignedByte(start + 16),
        in.getUnsignedByte(start + 17),
        in.getUnsignedByte(start + 18),
        new Epoch(in.getIntLE(start + 20)),
        in.getUnsignedIntLE(start + 24));
  }

  private static @Nullable VdiBody decodeVdi(ByteBuf in, int start) {
    int base = in.getIntLE(start + 8);
    if (!VdiId.isValid(base)) {
      return null;
    }
    return new VdiBody(
        in.getLongLE(start),
        new VdiId(base),
        in.getUnsignedByte(start + 12),
        in.getUnsignedByte(start + 13),
        in.getUnsignedByte(start + 14),
        in.getUnsignedByte(start + 15),
        in.getIntLE(start + 16),
        in.getIntLE(start + 20));
  }

  private static ClusterBody decodeCluster(ByteBuf in, int start) {
    return new ClusterBody(
        oid(in, start),
        in.getLongLE(start + 8),
        in.getUnsignedByte(start + 16),
        in.getUnsignedByte(start + 17),
        in.getUnsignedShortLE(start + 18),
        in.getIntLE(start + 20),
        in.getUnsignedIntLE(start + 24),
        in.getUnsignedByte(start + 28));
  }

  private static @Nullable VdiStateBody decodeVdiState(ByteBuf in, int start) {
    int oldVid = in.getIntLE(start);
    int newVid = in.getIntLE(start + 4);
    if (!VdiId.isValid(oldVid) || !VdiId.isValid(newVid)) {
      return null;
    }
    return new VdiStateBody(
        new VdiId(oldVid),
        new VdiId(newVid),
        in.getUnsignedByte(start + 8),
        in.getByte(start + 9) != 0,
        in.getUnsignedByte(start + 10),
        in.getUnsignedByte(start + 11));
  }

  private static @Nullable CheckpointBody decodeCheckpoint(ByteBuf in, int start) {
    int vid = in.getIntLE(start + 8);
    return VdiId.isValid(vid)
        ? new CheckpointBody(
            in.getIntLE(start) != 0, new Epoch(in.getIntLE(start + 4)), new VdiId(vid))
        : null;
  }

  private static @Nullable CoherenceBody decodeCoherence(ByteBuf in, int start) {
    int vid = in.getIntLE(start);
    return VdiId.isValid(vid)
        ? new CoherenceBody(new VdiId(vid), in.getIntLE(start + 4) != 0)
        : null;
  }

  private static @Nullable UsageBody decodeUsage(ByteBuf in, int start) {
    int from = in.getIntLE(start);
    return VdiId.isValid(from) ? new UsageBody(new VdiId(from)) : null;
  }

  private static PeerBody decodePeer(ByteBuf in, int start) {
    return new PeerBody(
        oid(in, start),
        in.getUnsignedIntLE(start + 8),
        in.getUnsignedIntLE(start + 12),
        in.getUnsignedIntLE(start + 16),
        in.getUnsignedByte(start + 20),
        in.getUnsignedByte(start + 21),
        in.getUnsignedByte(start + 22),
        in.getLongLE(start + 24));
  }

  private static PeerWriteBody decodePeerWrite(ByteBuf in, int start) {
    return new PeerWriteBody(
        oid(in, start),
        in.getUnsignedIntLE(start + 8),
        in.getUnsignedIntLE(start + 12),
        in.getIntLE(start + 16),
        in.getIntLE(start + 20),
        in.getLongLE(start + 24));
  }

  private static @Nullable PeerCopyBody decodePeerCopy(ByteBuf in, int start) {
    int source = in.getIntLE(start + 16);
    if (!VdiId.isValid(source)) {
      return null;
    }
    return new PeerCopyBody(
        oid(in, start),
        in.getUnsignedIntLE(start + 8),
        in.getUnsignedIntLE(start + 12),
        new VdiId(source),
        in.getUnsignedByte(start + 20),
        in.getUnsignedByte(start + 21),
        in.getUnsignedByte(start + 22),
        in.getByte(start + 23) != 0,
        in.getLongLE(start + 24));
  }
}
