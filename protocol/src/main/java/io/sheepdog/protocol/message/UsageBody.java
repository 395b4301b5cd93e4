package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.VdiId;

/**
 * Body of VDI_USAGE.
 *
 * <pre>
 *  16 from u32 | 20 - (28 bytes)
 * </pre>
 *
 * @param from the lowest vid that is wanted
 */
public record UsageBody(VdiId from) implements RequestBody {}
