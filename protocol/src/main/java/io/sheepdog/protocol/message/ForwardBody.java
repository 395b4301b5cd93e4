package io.sheepdog.protocol.message;

import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;

/**
 * Body of REPAIR_REPLICA.
 *
 * <pre>
 *  16 oid u64 | 24 addr u8[16] | 40 port u16 | 42 - (6 bytes)
 * </pre>
 *
 * @param oid object to fetch
 * @param source node to fetch it from
 */
public record ForwardBody(ObjectId oid, NodeAddress source) implements RequestBody {}
