package io.sheepdog.protocol.message;

/**
 * Body of PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY and PEER_HELLO.
 *
 * <pre>
 *  16 sequence u64 | 24 offset u64 | 32 - (8 bytes) | 40 incarnation u64
 * </pre>
 *
 * @param sequence number of an event in the ordered history
 * @param offset where the wanted piece of what is transferred begins, in bytes
 * @param incarnation the receiver's incarnation as the sender knows it; 0 for any
 */
public record SequenceBody(long sequence, long offset, long incarnation) implements RequestBody {}
