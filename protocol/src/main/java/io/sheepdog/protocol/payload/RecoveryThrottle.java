package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.WireText;

/**
 * Limits of recovery traffic, payload of GET_RECOVERY and SET_RECOVERY: {@value #SIZE} bytes.
 *
 * <pre>
 *  0 max_exec_count u32 | 4 - u32 | 8 queue_work_interval u64 (ms) | 16 throttling u8 | 17 - (7 bytes)
 * </pre>
 *
 * @param maxExecCount objects recovered at once, u32
 * @param intervalMillis pause between them, u64
 * @param throttling whether the limits apply
 */
public record RecoveryThrottle(int maxExecCount, long intervalMillis, boolean throttling) {
  /** Bytes of the structure. */
  public static final int SIZE = 24;

  private static final int PADDING_AFTER_COUNT = 4;
  private static final int PADDING_AT_END = 7;

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws io.sheepdog.protocol.ProtocolException if there are fewer
   */
  public static RecoveryThrottle decode(ByteBuf in) {
    WireText.require(in, SIZE, "Recovery throttle");
    int maxExecCount = in.readIntLE();
    in.skipBytes(PADDING_AFTER_COUNT);
    long intervalMillis = in.readLongLE();
    boolean throttling = in.readByte() != 0;
    in.skipBytes(PADDING_AT_END);
    return new RecoveryThrottle(maxExecCount, intervalMillis, throttling);
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeIntLE(maxExecCount);
    out.writeZero(PADDING_AFTER_COUNT);
    out.writeLongLE(intervalMillis);
    out.writeBoolean(throttling);
    out.writeZero(PADDING_AT_END);
  }
}
