package io.sheepdog.core.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.cluster.ClusterEvent.Welcome;
import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Events as bytes: version u8, type u8, request id u64, fields of the event in the order of its
 * record, little-endian. All members of a cluster run the same version; an event of another one is
 * refused as a whole.
 */
public final class EventCodec {
  /** Rises with every new event, and with every change of an event's fields. */
  static final int VERSION = 4;

  private EventCodec() {}

  /**
   * Writes an event.
   *
   * @throws ProtocolException if it does not fit into a message of the driver
   */
  public static byte[] encode(Envelope envelope) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(VERSION);
    out.writeByte(Type.of(envelope.event()).ordinal());
    out.writeLongLE(envelope.requestId());
    write(out, envelope.event());
    if (out.readableBytes() > ClusterDriver.MAX_MESSAGE) {
      throw new ProtocolException(
          "Event of "
              + out.readableBytes()
              + " bytes; at most "
              + ClusterDriver.MAX_MESSAGE
              + " are allowed: "
              + envelope.event().getClass().getSimpleName());
    }
    return ByteBufUtil.getBytes(out);
  }

  /**
   * Reads an event.
   *
   * @throws ProtocolException unless the bytes are exactly one event of this version
   */
  public static Envelope decode(byte[] message) {
    ByteBuf in = Unpooled.wrappedBuffer(message);
    int version = Fields.readByte(in, "Event version");
    if (version != VERSION) {
      throw new ProtocolException(
          "Event of version "
              + version
              + "; this sheep speaks version "
              + VERSION
              + ": run the same release on all nodes");
    }
    Type type = Fields.readEnum(in, Type.values(), "Event type");
    long requestId = Fields.readLong(in, "Request id");
    ClusterEvent event = read(in, type);
    if (in.isReadable()) {
      throw new ProtocolException(
          "Event " + type + " is followed by " + in.readableBytes() + " bytes too many");
    }
    return new Envelope(requestId, event);
  }

  /** Number of each event on the wire: its ordinal. */
  private enum Type {
    JOIN_REQUEST(JoinRequest.class),
    WELCOME(Welcome.class),
    MEMBER_READY(MemberReady.class),
    DIRECTORY_READY(DirectoryReady.class),
    EPOCH_TIME(EpochTime.class),
    FORMAT(Format.class),
    SHUTDOWN(Shutdown.class),
    VDI_RESERVE(VdiReserve.class),
    VDI_COMMIT(VdiCommit.class),
    VDI_ABORT(VdiAbort.class),
    VDI_DELETE(VdiDelete.class),
    VDI_RETIRE(VdiRetire.class),
    VDI_PURGED(VdiPurged.class),
    HEADER_CHANGED(HeaderChanged.class),
    LOCK_ACQUIRE(LockAcquire.class),
    LOCK_ATTACH(LockAttach.class),
    LOCK_RELEASE(LockRelease.class),
    RECOVERED(Recovered.class),
    RECOVERY_SWITCH(RecoverySwitch.class),
    COMPLAINT(Complaint.class),
    FORCE_START(ForceStart.class),
    ALTER_COPIES(AlterCopies.class),
    COPIES_WRITTEN(CopiesWritten.class),
    DISK_LOST(DiskLost.class),
    REWEIGH(Reweigh.class),
    SET_VNODES(SetVnodes.class);

    private final Class<? extends ClusterEvent> event;

    Type(Class<? extends ClusterEvent> event) {
      this.event = event;
    }

    static Type of(ClusterEvent event) {
      for (Type type : values()) {
        if (type.event == event.getClass()) {
          return type;
        }
      }
      throw new IllegalStateException("No number for " + event);
    }
  }

  private static void write(ByteBuf out, ClusterEvent event) {
    if (event instanceof JoinRequest e) {
      writeJoin(out, e);
    } else if (event instanceof Welcome e) {
      out.writeLongLE(e.joiner().value());
      Fields.writeAddresses(out, e.sources());
    } else if (event instanceof MemberReady e) {
      out.writeLongLE(e.time().wire());
    } else if (event instanceof DirectoryReady e) {
      out.writeLongLE(e.start());
      out.writeLongLE(e.digest());
    } else if (event instanceof EpochTime e) {
      out.writeIntLE(e.epoch().value());
      out.writeLongLE(e.time().wire());
    } else if (event instanceof Format e) {
      Fields.writeConfig(out, e.config());
      out.writeLongLE(e.time().wire());
    } else if (event instanceof ForceStart e) {
      out.writeIntLE(e.epoch().value());
      out.writeIntLE(e.missing().size());
      e.missing().forEach(out::writeLongLE);
      out.writeLongLE(e.id());
    } else {
      writeVdiEvent(out, event);
    }
  }

  private static void writeJoin(ByteBuf out, JoinRequest e) {
    Fields.writeNode(out, e.node());
    out.writeLongLE(e.storeId());
    out.writeLongLE(e.incarnation());
    Fields.writeConfig(out, e.config());
    out.writeBoolean(e.newestEpoch() != null);
    if (e.newestEpoch() != null) {
      Fields.writeEpoch(out, e.newestEpoch());
    }
    out.writeLongLE(e.time().wire());
  }

  private static void writeVdiEvent(ByteBuf out, ClusterEvent event) {
    if (event instanceof VdiReserve e) {
      writeReserve(out, e);
    } else if (event instanceof VdiCommit e) {
      out.writeIntLE(e.vid().value());
      e.header().encode(out);
    } else if (event instanceof AlterCopies e) {
      out.writeIntLE(e.vid().value());
      out.writeByte(e.copies());
    } else if (event instanceof CopiesWritten e) {
      out.writeIntLE(e.vid().value());
      out.writeIntLE(e.epoch().value());
    } else if (event instanceof VdiAbort e) {
      out.writeIntLE(e.vid().value());
    } else if (event instanceof VdiDelete e) {
      out.writeIntLE(e.vid().value());
      Fields.writeText(out, e.client());
    } else if (event instanceof VdiRetire e) {
      out.writeIntLE(e.vid().value());
      out.writeLongLE(e.time().wire());
      Fields.writeText(out, e.client());
    } else if (event instanceof VdiPurged e) {
      out.writeIntLE(e.vid().value());
      out.writeIntLE(e.dead());
      out.writeByte(e.held() ? 1 : 0);
      out.writeIntLE(e.epoch().value());
    } else if (event instanceof HeaderChanged e) {
      out.writeIntLE(e.vid().value());
      Fields.writeText(out, e.tag());
      out.writeLongLE(e.size());
      out.writeBoolean(e.smaller());
      out.writeLongLE(e.vmClockNanos());
      out.writeLongLE(e.vmStateSize());
    } else {
      writeLockEvent(out, event);
    }
  }

  private static void writeReserve(ByteBuf out, VdiReserve e) {
    out.writeByte(e.kind().ordinal());
    Fields.writeText(out, e.name());
    out.writeIntLE(e.base().value());
    out.writeLongLE(e.size());
    out.writeByte(e.copies());
    out.writeByte(e.copyPolicy());
    out.writeByte(e.storePolicy());
    out.writeByte(e.blockSizeShift());
    out.writeLongLE(e.time().wire());
    Fields.writeText(out, e.client());
  }

  private static void writeLockEvent(ByteBuf out, ClusterEvent event) {
    if (event instanceof LockAcquire e) {
      out.writeIntLE(e.vid().value());
      Fields.writeText(out, e.client());
      out.writeByte(e.kind().ordinal());
      out.writeLongLE(e.time().wire());
    } else if (event instanceof LockAttach e) {
      out.writeIntLE(e.vid().value());
      out.writeLongLE(e.generation());
      Fields.writeText(out, e.client());
    } else if (event instanceof LockRelease e) {
      out.writeIntLE(e.vid().value());
      out.writeLongLE(e.generation());
    } else if (event instanceof Recovered e) {
      out.writeIntLE(e.epoch().value());
    } else if (event instanceof RecoverySwitch e) {
      out.writeBoolean(e.paused());
    } else if (event instanceof Complaint e) {
      out.writeLongLE(e.accused().value());
      out.writeBoolean(e.silent());
    } else if (event instanceof SetVnodes e) {
      out.writeIntLE(e.vnodes());
    } else if (event instanceof Reweigh e) {
      out.writeIntLE(e.sizes().size());
      for (DiskSize size : e.sizes()) {
        out.writeLongLE(size.member().value());
        out.writeLongLE(size.bytes());
      }
    }
  }

  private static ClusterEvent read(ByteBuf in, Type type) {
    return switch (type) {
      case JOIN_REQUEST -> readJoin(in);
      case WELCOME ->
          new Welcome(new MemberId(Fields.readLong(in, "Joiner")), Fields.readAddresses(in));
      case MEMBER_READY -> new MemberReady(Fields.readTime(in));
      case DIRECTORY_READY ->
          new DirectoryReady(Fields.readLong(in, "Start"), Fields.readLong(in, "Digest"));
      case EPOCH_TIME -> new EpochTime(new Epoch(Fields.readInt(in, "Epoch")), Fields.readTime(in));
      case FORMAT -> readFormat(in);
      case SHUTDOWN -> new Shutdown();
      case VDI_RESERVE -> readReserve(in);
      case VDI_COMMIT -> new VdiCommit(Fields.readVid(in), InodeHeader.decode(in));
      case VDI_ABORT -> new VdiAbort(Fields.readVid(in));
      case VDI_DELETE -> new VdiDelete(Fields.readVid(in), Fields.readText(in));
      case VDI_RETIRE ->
          new VdiRetire(Fields.readVid(in), Fields.readTime(in), Fields.readText(in));
      case VDI_PURGED ->
          new VdiPurged(
              Fields.readVid(in),
              Fields.readInt(in, "Dead of the family"),
              Fields.readByte(in, "Held") != 0,
              new Epoch(Fields.readInt(in, "Epoch")));
      case HEADER_CHANGED ->
          new HeaderChanged(
              Fields.readVid(in),
              Fields.readText(in),
              Fields.readSize(in, "VDI size"),
              Fields.readByte(in, "VDI made smaller") != 0,
              Fields.readLong(in, "VM clock"),
              Fields.readSize(in, "VM state size"));
      case LOCK_ACQUIRE ->
          new LockAcquire(
              Fields.readVid(in),
              Fields.readText(in),
              Fields.readEnum(in, LockKind.values(), "Lock kind"),
              Fields.readTime(in));
      case LOCK_ATTACH ->
          new LockAttach(
              Fields.readVid(in), Fields.readLong(in, "Generation"), Fields.readText(in));
      case LOCK_RELEASE -> new LockRelease(Fields.readVid(in), Fields.readLong(in, "Generation"));
      case RECOVERED -> new Recovered(new Epoch(Fields.readInt(in, "Epoch")));
      case RECOVERY_SWITCH -> new RecoverySwitch(Fields.readByte(in, "Pause mark") != 0);
      case COMPLAINT ->
          new Complaint(
              new MemberId(Fields.readLong(in, "Accused")),
              Fields.readByte(in, "Silence mark") != 0);
      case FORCE_START -> readForceStart(in);
      case ALTER_COPIES -> new AlterCopies(Fields.readVid(in), Fields.readByte(in, "Copies"));
      case COPIES_WRITTEN ->
          new CopiesWritten(Fields.readVid(in), new Epoch(Fields.readInt(in, "Epoch")));
      case DISK_LOST -> new DiskLost();
      case REWEIGH -> readReweigh(in);
      case SET_VNODES -> new SetVnodes(Fields.readInt(in, "Number of virtual nodes"));
    };
  }

  private static ForceStart readForceStart(ByteBuf in) {
    Epoch epoch = new Epoch(Fields.readInt(in, "Epoch"));
    int count = Fields.readCount(in, Long.BYTES, "Number of missing nodes");
    List<Long> missing = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      missing.add(Fields.readLong(in, "Store id"));
    }
    return new ForceStart(epoch, missing, Fields.readLong(in, "Id of a forced start"));
  }

  private static Reweigh readReweigh(ByteBuf in) {
    int count = Fields.readCount(in, 2 * Long.BYTES, "Number of disks");
    List<DiskSize> sizes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sizes.add(
          new DiskSize(
              new MemberId(Fields.readLong(in, "Member")), Fields.readSize(in, "Size of a disk")));
    }
    return new Reweigh(sizes);
  }

  private static JoinRequest readJoin(ByteBuf in) {
    return new JoinRequest(
        Fields.readNode(in),
        Fields.readLong(in, "Store id"),
        Fields.readLong(in, "Incarnation"),
        Fields.readConfig(in),
        Fields.readByte(in, "Epoch mark") == 0 ? null : Fields.readEpoch(in),
        Fields.readTime(in));
  }

  private static Format readFormat(ByteBuf in) {
    ClusterConfig config = Fields.readConfig(in);
    SheepTime time = Fields.readTime(in);
    if (config == null) {
      throw new ProtocolException("Format without a configuration");
    }
    return new Format(config, time);
  }

  private static VdiReserve readReserve(ByteBuf in) {
    ReserveKind kind = Fields.readEnum(in, ReserveKind.values(), "Kind of reservation");
    String name = Fields.readText(in);
    VdiId base = Fields.readVid(in);
    return new VdiReserve(
        kind,
        name,
        base,
        Fields.readSize(in, "VDI size"),
        Fields.readByte(in, "Copies"),
        Fields.readByte(in, "Copy policy"),
        Fields.readByte(in, "Store policy"),
        Fields.readByte(in, "Block size shift"),
        Fields.readTime(in),
        Fields.readText(in));
  }
}
