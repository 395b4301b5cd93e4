package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ResultCode;
import java.util.concurrent.CompletionStage;

/**
 * An open volume as a range of bytes. Several requests may be under way; those that overlap have no
 * order among each other. The caller keeps every range inside the volume.
 *
 * <p>Results: SUCCESS; VDI_LOCKED when the lock was taken away, from when on nothing works any
 * more; READONLY for changes of what cannot be changed; NO_SPACE; NO_SUPPORT where said so; and
 * anything else that went wrong.
 */
public interface BlockVolume {
  /** Whether it may be changed. */
  boolean isWritable();

  /** Whether its lock was taken away: every request is answered VDI_LOCKED. */
  boolean isLost();

  /** Reads. */
  CompletionStage<VolumeRead> read(long offset, int length);

  /**
   * Where data is, from the beginning of the range on; a report of a long range may end before it
   * does.
   *
   * @param length bytes, at least 1
   */
  CompletionStage<VolumeStatus> status(long offset, long length);

  /**
   * Writes.
   *
   * @param data not consumed
   * @param durable whether it has to be on stable storage before the stage ends, else after the
   *     next {@link #flush}
   */
  CompletionStage<ResultCode> write(long offset, ByteBuf data, boolean durable);

  /** Makes zero. With {@link ZeroMode#fast} NO_SUPPORT, and no change, if it would take writing. */
  CompletionStage<ResultCode> zero(long offset, long length, ZeroMode mode);

  /** Gives back the space of the whole objects in a range, which then read as zero. */
  CompletionStage<ResultCode> discard(long offset, long length);

  /** Makes durable all that was acknowledged, whoever wrote it through this volume. */
  CompletionStage<ResultCode> flush();

  /**
   * How to make zeros.
   *
   * @param allocate whether the range shall have its space afterwards
   * @param fast whether it shall be refused unless it is much faster than writing
   * @param durable as for {@link #write}
   */
  record ZeroMode(boolean allocate, boolean fast, boolean durable) {}
}
