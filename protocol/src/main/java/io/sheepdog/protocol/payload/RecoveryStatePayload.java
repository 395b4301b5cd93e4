package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;

/**
 * Progress of recovery, the answer to STAT_RECOVERY: {@value #SIZE} bytes.
 *
 * <pre>
 *  0 in_recovery u8 | 1 held_back u8 (not in v1.0) | 2 - (2 bytes) | 4 state u32 | 8 nr_finished u64 | 16 nr_total u64
 * </pre>
 *
 * @param inRecovery whether the node recovers
 * @param heldBack whether nothing is brought because the disk is too full
 * @param phase what it does, if it recovers
 * @param finished objects done
 * @param total objects to be done
 */
public record RecoveryStatePayload(
    boolean inRecovery, boolean heldBack, Phase phase, long finished, long total) {
  /** Bytes of the structure. */
  public static final int SIZE = 24;

  private static final int PADDING = 2;

  /** Phase of a recovery. */
  public enum Phase {
    /** Finding out what to recover. */
    PREPARE_LIST(0),
    /** Copying objects. */
    RECOVERING(1),
    /** Telling the others that it is done. */
    NOTIFYING(2);

    private final int code;

    Phase(int code) {
      this.code = code;
    }

    private static Phase fromCode(long code) {
      for (Phase phase : values()) {
        if (phase.code == code) {
          return phase;
        }
      }
      throw new ProtocolException("Recovery phase " + code + " is unknown; 0 to 2 are allowed");
    }
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or the phase is unknown
   */
  public static RecoveryStatePayload decode(ByteBuf in) {
    WireText.require(in, SIZE, "Recovery state");
    boolean inRecovery = in.readByte() != 0;
    boolean heldBack = in.readByte() != 0;
    in.skipBytes(PADDING);
    Phase phase = Phase.fromCode(in.readUnsignedIntLE());
    return new RecoveryStatePayload(inRecovery, heldBack, phase, in.readLongLE(), in.readLongLE());
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeBoolean(inRecovery);
    out.writeBoolean(heldBack);
    out.writeZero(PADDING);
    out.writeIntLE(phase.code);
    out.writeLongLE(finished);
    out.writeLongLE(total);
  }
}
