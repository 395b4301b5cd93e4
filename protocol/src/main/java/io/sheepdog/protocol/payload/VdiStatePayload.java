package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;

/**
 * State of one VDI in the answer to GET_VDI_COPIES: {@value #SIZE} bytes.
 *
 * <pre>
 *   0 vid u32 | 4 nr_copies u8 | 5 snapshot u8 | 6 deleted u8 | 7 copy_policy u8 | 8 block_size_shift u8
 *   9 - (3 bytes) | 12 parent_vid u32 | 16 lock_state u32 | 20 lock_owner node id (40 bytes)
 *  60 nr_participants u32 | 64 participants_state u32[31] | 188 participants node id[31]
 * </pre>
 *
 * @param vid the VDI
 * @param copies replicas or strips, 0..255
 * @param snapshot whether it is a snapshot
 * @param deleted whether it is deleted
 * @param copyPolicy erasure policy byte, 0..255
 * @param blockSizeShift 0..255
 * @param parentVid the snapshot that it is based on, or none
 * @param lockState whether and how it is locked
 * @param lockOwner node through which it is locked, or {@link NodeAddress#NONE}
 * @param participants holders of a shared lock, at most {@value #MAX_PARTICIPANTS}
 */
public record VdiStatePayload(
    VdiId vid,
    int copies,
    boolean snapshot,
    boolean deleted,
    int copyPolicy,
    int blockSizeShift,
    VdiId parentVid,
    LockState lockState,
    NodeAddress lockOwner,
    List<Participant> participants) {
  /** Bytes of the structure. */
  public static final int SIZE = 1428;

  /** Most holders of a shared lock. */
  public static final int MAX_PARTICIPANTS = 31;

  private static final int PADDING = 3;
  private static final int PARTICIPANT_STATES = 64;
  private static final int PARTICIPANT_IDS = 188;

  /** Checks the ranges and takes a copy of the list. */
  public VdiStatePayload {
    Bytes.u8("Copies", copies);
    Bytes.u8("Copy policy", copyPolicy);
    Bytes.u8("Block size shift", blockSizeShift);
    if (participants.size() > MAX_PARTICIPANTS) {
      throw new IllegalArgumentException(
          participants.size() + " lock participants; at most " + MAX_PARTICIPANTS + " are allowed");
    }
    participants = List.copyOf(participants);
  }

  /** How a VDI is locked. */
  public enum LockState {
    /** Never locked since the node started. */
    NONE(0),
    /** Unlocked. */
    UNLOCKED(1),
    /** Locked by one client. */
    LOCKED(2),
    /** Locked by the participants together. */
    SHARED(3);

    private final int code;

    LockState(int code) {
      this.code = code;
    }

    private static LockState fromCode(long code) {
      for (LockState state : values()) {
        if (state.code == code) {
          return state;
        }
      }
      throw new ProtocolException("Lock state " + code + " is unknown; 0 to 3 are allowed");
    }
  }

  /** What a participant's copy of the inode is worth. */
  public enum CopyState {
    /** No state. */
    NONE(0),
    /** The participant changed it. */
    MODIFIED(1),
    /** Up to date. */
    SHARED(2),
    /** Out of date. */
    INVALIDATED(3);

    private final int code;

    CopyState(int code) {
      this.code = code;
    }

    private static CopyState fromCode(long code) {
      for (CopyState state : values()) {
        if (state.code == code) {
          return state;
        }
      }
      throw new ProtocolException("Participant state " + code + " is unknown; 0 to 3 are allowed");
    }
  }

  /**
   * A holder of a shared lock.
   *
   * @param address node through which it holds the lock
   * @param state what its copy of the inode is worth
   */
  public record Participant(NodeAddress address, CopyState state) {}

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field is impossible
   */
  public static VdiStatePayload decode(ByteBuf in) {
    WireText.require(in, SIZE, "VDI state");
    ByteBuf slice = in.readSlice(SIZE);
    VdiId vid = vid(slice);
    int copies = slice.readUnsignedByte();
    boolean snapshot = slice.readByte() != 0;
    boolean deleted = slice.readByte() != 0;
    int copyPolicy = slice.readUnsignedByte();
    int blockSizeShift = slice.readUnsignedByte();
    slice.skipBytes(PADDING);
    VdiId parentVid = vid(slice);
    LockState lockState = LockState.fromCode(slice.readUnsignedIntLE());
    NodeAddress lockOwner = NodeIdField.read(slice);
    long count = slice.readUnsignedIntLE();
    if (count > MAX_PARTICIPANTS) {
      throw new ProtocolException(
          "VDI state with "
              + count
              + " lock participants; at most "
              + MAX_PARTICIPANTS
              + " are allowed");
    }
    List<Participant> participants = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      slice.readerIndex(PARTICIPANT_IDS + i * NodeIdField.SIZE);
      NodeAddress address = NodeIdField.read(slice);
      long state = slice.getUnsignedIntLE(PARTICIPANT_STATES + i * Integer.BYTES);
      participants.add(new Participant(address, CopyState.fromCode(state)));
    }
    return new VdiStatePayload(
        vid,
        copies,
        snapshot,
        deleted,
        copyPolicy,
        blockSizeShift,
        parentVid,
        lockState,
        lockOwner,
        participants);
  }

  /**
   * Reads a whole payload of states.
   *
   * @throws ProtocolException if it is not a whole number of them
   */
  public static List<VdiStatePayload> decodeList(ByteBuf in) {
    if (in.readableBytes() % SIZE != 0) {
      throw new ProtocolException(
          "VDI state list of " + in.readableBytes() + " bytes is not a multiple of " + SIZE);
    }
    List<VdiStatePayload> states = new ArrayList<>(in.readableBytes() / SIZE);
    while (in.isReadable()) {
      states.add(decode(in));
    }
    return List.copyOf(states);
  }

  private static VdiId vid(ByteBuf in) {
    int value = in.readIntLE();
    if (!VdiId.isValid(value)) {
      throw new ProtocolException(
          String.format("VDI id 0x%x in a VDI state is above 0xffffff", value));
    }
    return new VdiId(value);
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeIntLE(vid.value());
    out.writeByte(copies);
    out.writeBoolean(snapshot);
    out.writeBoolean(deleted);
    out.writeByte(copyPolicy);
    out.writeByte(blockSizeShift);
    out.writeZero(PADDING);
    out.writeIntLE(parentVid.value());
    out.writeIntLE(lockState.code);
    NodeIdField.write(lockOwner, out);
    out.writeIntLE(participants.size());
    for (Participant participant : participants) {
      out.writeIntLE(participant.state().code);
    }
    out.writeZero((MAX_PARTICIPANTS - participants.size()) * Integer.BYTES);
    for (Participant participant : participants) {
      NodeIdField.write(participant.address(), out);
    }
    out.writeZero((MAX_PARTICIPANTS - participants.size()) * NodeIdField.SIZE);
  }
}
