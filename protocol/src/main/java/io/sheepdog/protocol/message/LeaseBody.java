package io.sheepdog.protocol.message;

/**
 * Body of PEER_LEASE.
 *
 * <pre>
 *  16 asker u64 | 24 - (16 bytes) | 40 incarnation u64
 * </pre>
 *
 * @param asker incarnation of the daemon that asks for the lease
 * @param incarnation the receiver's incarnation as the sender knows it
 */
public record LeaseBody(long asker, long incarnation) implements RequestBody {}
