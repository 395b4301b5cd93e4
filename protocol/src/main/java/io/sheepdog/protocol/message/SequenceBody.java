package io.sheepdog.protocol.message;

/**
 * Body of PEER_CONFIRM and PEER_STATE.
 *
 * <pre>
 *  16 sequence u64 | 24 - (16 bytes) | 40 incarnation u64
 * </pre>
 *
 * @param sequence number of an event in the ordered history
 * @param incarnation the receiver's incarnation as the sender knows it; 0 for any
 */
public record SequenceBody(long sequence, long incarnation) implements RequestBody {}
