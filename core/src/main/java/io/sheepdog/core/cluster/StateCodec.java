package io.sheepdog.core.cluster;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.Reservation;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.core.vdi.VdiEntryCodec;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NodeEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pcollections.OrderedPSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * The whole state as bytes, for a member that joins: version u8, then the fields of {@link
 * ClusterState}, little-endian.
 */
public final class StateCodec {
  private static final int MINIMUM_EPOCH = 16;
  private static final int MINIMUM_MEMBER = 87;
  private static final int MINIMUM_LOCK = 54;

  private StateCodec() {}

  /** Appends a state. */
  public static void write(ByteBuf out, ClusterState state) {
    out.writeByte(EventCodec.VERSION);
    out.writeLongLE(state.sequence());
    out.writeByte(state.status().ordinal());
    out.writeLongLE(state.startedAt());
    out.writeLongLE(state.forcedBy());
    Fields.writeConfig(out, state.config());
    out.writeIntLE(state.history().size());
    state.history().forEach(record -> Fields.writeEpoch(out, record));
    out.writeIntLE(state.members().size());
    state.members().values().forEach(member -> writeMember(out, member));
    out.writeIntLE(state.refused().size());
    for (Map.Entry<MemberId, ResultCode> refused : state.refused().entrySet()) {
      out.writeLongLE(refused.getKey().value());
      out.writeIntLE(refused.getValue().code());
    }
    out.writeIntLE(state.ready().size());
    for (Map.Entry<MemberId, Long> ready : state.ready().entrySet()) {
      out.writeLongLE(ready.getKey().value());
      out.writeLongLE(ready.getValue());
    }
    writeDirectory(out, state.directory());
    out.writeLongLE(state.locks().lastGeneration());
    out.writeIntLE(state.locks().all().size());
    state.locks().all().forEach(lock -> writeLock(out, lock));
    writeRecovery(out, state.recovery());
  }

  /**
   * Reads a state.
   *
   * @throws ProtocolException unless the bytes are exactly one state of this version
   */
  public static ClusterState read(ByteBuf in) {
    int version = Fields.readByte(in, "State version");
    if (version != EventCodec.VERSION) {
      throw new ProtocolException(
          "State of version "
              + version
              + "; this sheep speaks version "
              + EventCodec.VERSION
              + ": run the same release on all nodes");
    }
    long sequence = Fields.readLong(in, "Sequence");
    ClusterStatus status = Fields.readEnum(in, ClusterStatus.values(), "Status");
    long startedAt = Fields.readLong(in, "Start");
    ClusterState state =
        new ClusterState(
            sequence,
            status,
            startedAt,
            Fields.readLong(in, "Forced start"),
            Fields.readConfig(in),
            readHistory(in),
            readMembers(in),
            readRefused(in),
            readReady(in),
            readDirectory(in),
            readLocks(in),
            readRecovery(in));
    if (in.isReadable()) {
      throw new ProtocolException("State is followed by " + in.readableBytes() + " bytes too many");
    }
    return state;
  }

  private static PVector<EpochRecord> readHistory(ByteBuf in) {
    int count = Fields.readCount(in, MINIMUM_EPOCH, "Number of epochs");
    List<EpochRecord> history = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      history.add(Fields.readEpoch(in));
    }
    return TreePVector.from(history);
  }

  private static void writeMember(ByteBuf out, Member member) {
    out.writeLongLE(member.id().value());
    Fields.writeNode(out, member.node());
    out.writeLongLE(member.storeId());
    out.writeLongLE(member.incarnation());
    out.writeLongLE(member.joinedAt());
    out.writeBoolean(member.synced());
    out.writeIntLE(member.accusers().size());
    member.accusers().forEach(accuser -> out.writeLongLE(accuser.value()));
  }

  private static PMap<MemberId, Member> readMembers(ByteBuf in) {
    int count = Fields.readCount(in, MINIMUM_MEMBER, "Number of members");
    PMap<MemberId, Member> members = TreePMap.empty();
    for (int i = 0; i < count; i++) {
      MemberId id = new MemberId(Fields.readLong(in, "Member"));
      NodeEntry node = Fields.readNode(in);
      Member member =
          new Member(
              id,
              node,
              Fields.readLong(in, "Store id"),
              Fields.readLong(in, "Incarnation"),
              Fields.readLong(in, "Sequence"),
              Fields.readByte(in, "Synced mark") != 0,
              readAccusers(in));
      members = members.plus(id, member);
    }
    return members;
  }

  private static PSet<MemberId> readAccusers(ByteBuf in) {
    int count = Fields.readCount(in, Long.BYTES, "Number of accusers");
    PSet<MemberId> accusers = OrderedPSet.empty();
    for (int i = 0; i < count; i++) {
      accusers = accusers.plus(new MemberId(Fields.readLong(in, "Accuser")));
    }
    return accusers;
  }

  private static PMap<MemberId, ResultCode> readRefused(ByteBuf in) {
    int count = Fields.readCount(in, 12, "Number of refused members");
    PMap<MemberId, ResultCode> refused = TreePMap.empty();
    for (int i = 0; i < count; i++) {
      MemberId id = new MemberId(Fields.readLong(in, "Member"));
      int code = Fields.readInt(in, "Result code");
      ResultCode result = ResultCode.fromCode(code);
      if (result == null) {
        throw new ProtocolException("Result code " + code + " is unknown");
      }
      refused = refused.plus(id, result);
    }
    return refused;
  }

  private static PMap<MemberId, Long> readReady(ByteBuf in) {
    int count = Fields.readCount(in, 16, "Number of ready members");
    PMap<MemberId, Long> ready = TreePMap.empty();
    for (int i = 0; i < count; i++) {
      ready =
          ready.plus(new MemberId(Fields.readLong(in, "Member")), Fields.readLong(in, "Digest"));
    }
    return ready;
  }

  private static void writeDirectory(ByteBuf out, VdiDirectory directory) {
    out.writeIntLE(directory.entries().size());
    directory.entries().forEach(entry -> VdiEntryCodec.write(out, entry));
    out.writeIntLE(directory.reservations().size());
    for (Map.Entry<VdiId, Reservation> reserved : directory.reservations().entrySet()) {
      out.writeIntLE(reserved.getKey().value());
      out.writeByte(reserved.getValue().kind().ordinal());
      out.writeLongLE(reserved.getValue().originator().value());
      out.writeIntLE(reserved.getValue().frozen().value());
    }
    out.writeIntLE(directory.deletions().size());
    for (Map.Entry<VdiId, MemberId> deletion : directory.deletions().entrySet()) {
      out.writeIntLE(deletion.getKey().value());
      out.writeLongLE(deletion.getValue().value());
    }
  }

  private static VdiDirectory readDirectory(ByteBuf in) {
    int count = Fields.readCount(in, VdiEntryCodec.MINIMUM_SIZE, "Number of VDIs");
    List<VdiEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(VdiEntryCodec.read(in));
    }
    VdiDirectory directory = VdiDirectory.of(entries);
    int reservations = Fields.readCount(in, 17, "Number of reservations");
    for (int i = 0; i < reservations; i++) {
      VdiId vid = known(directory, Fields.readVid(in));
      ReserveKind kind = Fields.readEnum(in, ReserveKind.values(), "Kind of reservation");
      MemberId originator = new MemberId(Fields.readLong(in, "Originator"));
      directory = directory.reserve(vid, new Reservation(kind, originator, Fields.readVid(in)));
    }
    int deletions = Fields.readCount(in, 12, "Number of deletions");
    for (int i = 0; i < deletions; i++) {
      VdiId vid = known(directory, Fields.readVid(in));
      directory = directory.beginDeletion(vid, new MemberId(Fields.readLong(in, "Originator")));
    }
    return directory;
  }

  private static VdiId known(VdiDirectory directory, VdiId vid) {
    if (directory.entry(vid) == null) {
      throw new ProtocolException(
          "VDI " + vid + " is being made or deleted, but not in the directory");
    }
    return vid;
  }

  private static void writeLock(ByteBuf out, VdiLock lock) {
    out.writeIntLE(lock.head().value());
    out.writeIntLE(lock.lineage().size());
    lock.lineage().forEach(vid -> out.writeIntLE(vid.value()));
    out.writeLongLE(lock.gateway().value());
    Fields.writeAddress(out, lock.gatewayAddress());
    out.writeBoolean(lock.orphaned());
    Fields.writeText(out, lock.client());
    out.writeLongLE(lock.generation());
    out.writeByte(lock.kind().ordinal());
    out.writeLongLE(lock.since().wire());
  }

  private static LockTable readLocks(ByteBuf in) {
    long lastGeneration = Fields.readLong(in, "Lock generation");
    int count = Fields.readCount(in, MINIMUM_LOCK, "Number of locks");
    List<VdiLock> locks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      locks.add(readLock(in));
    }
    return LockTable.of(lastGeneration, locks);
  }

  private static void writeRecovery(ByteBuf out, RecoveryState recovery) {
    out.writeIntLE(recovery.complete().value());
    out.writeBoolean(recovery.paused());
    out.writeIntLE(recovery.done().size());
    recovery.done().forEach(member -> out.writeLongLE(member.value()));
  }

  private static RecoveryState readRecovery(ByteBuf in) {
    Epoch complete = new Epoch(Fields.readInt(in, "Complete epoch"));
    boolean paused = Fields.readByte(in, "Pause mark") != 0;
    int count = Fields.readCount(in, Long.BYTES, "Number of recovered members");
    RecoveryState recovery = RecoveryState.of(new RecoveryMark(complete, paused));
    for (int i = 0; i < count; i++) {
      recovery = recovery.withDone(new MemberId(Fields.readLong(in, "Member")));
    }
    return recovery;
  }

  private static VdiLock readLock(ByteBuf in) {
    VdiId head = Fields.readVid(in);
    int count = Fields.readCount(in, Integer.BYTES, "Number of VDIs of a lock");
    Set<VdiId> lineage = new HashSet<>();
    for (int i = 0; i < count; i++) {
      lineage.add(Fields.readVid(in));
    }
    MemberId gateway = new MemberId(Fields.readLong(in, "Gateway"));
    NodeAddress address = Fields.readAddress(in);
    boolean orphaned = Fields.readByte(in, "Orphan mark") != 0;
    return new VdiLock(
        head,
        lineage,
        gateway,
        address,
        orphaned,
        Fields.readText(in),
        Fields.readLong(in, "Generation"),
        Fields.readEnum(in, LockKind.values(), "Lock kind"),
        Fields.readTime(in));
  }
}
