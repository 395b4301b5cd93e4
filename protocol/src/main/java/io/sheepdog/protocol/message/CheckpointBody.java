package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;

/**
 * Body of VDI_STATE_CHECKPOINT_CTL.
 *
 * <pre>
 *  16 get u32 (1 get, 0 free) | 20 tgt_epoch u32 | 24 vid u32 | 28 - (20 bytes)
 * </pre>
 *
 * @param get whether the checkpoint is read (true) or freed (false)
 * @param targetEpoch epoch of the checkpoint
 * @param vid the VDI
 */
public record CheckpointBody(boolean get, Epoch targetEpoch, VdiId vid) implements RequestBody {}
