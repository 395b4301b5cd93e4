package io.sheepdog.protocol.message;

/**
 * Body of PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY and PEER_HELLO.
 *
 * <pre>
 *  16 sequence u64 | 24 offset u64 | 32 - (8 bytes) | 40 incarnation u64
 * </pre>
 *
 * @param sequence number of an event in the ordered history
 * @param offset where the wanted piece of what is transferred begins, in bytes; of PEER_CONFIRM
 *     when to answer, {@link #WHEN_SETTLED} or {@link #WHEN_SERVED}
 * @param incarnation the receiver's incarnation as the sender knows it; 0 for any
 */
public record SequenceBody(long sequence, long offset, long incarnation) implements RequestBody {
  /** PEER_CONFIRM: once the receiver has applied the event and logged its epoch. */
  public static final long WHEN_SETTLED = 0;

  /** PEER_CONFIRM: once the receiver serves in that epoch, too. */
  public static final long WHEN_SERVED = 1;
}
