package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.VdiId;

/**
 * Body of INODE_COHERENCE.
 *
 * <pre>
 *  16 vid u32 | 20 validate u32 (1 validate, 0 invalidate) | 24 - (24 bytes)
 * </pre>
 *
 * @param vid the VDI
 * @param validate whether inode copies become valid (true) or invalid (false)
 */
public record CoherenceBody(VdiId vid, boolean validate) implements RequestBody {}
