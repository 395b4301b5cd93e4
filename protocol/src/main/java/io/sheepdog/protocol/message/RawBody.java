package io.sheepdog.protocol.message;

/**
 * The 32 body bytes as they are: of operations without fields, of unknown opcodes, and of
 * operations whose fields cannot be what they claim to be (a VDI id above 24 bits, an offset above
 * 32 bits). A server answers the latter two with INVALID_PARMS.
 *
 * @param first bytes 16..23 as little-endian u64
 * @param second bytes 24..31
 * @param third bytes 32..39
 * @param fourth bytes 40..47
 */
public record RawBody(long first, long second, long third, long fourth) implements RequestBody {
  /** All zero: the body of operations without fields. */
  public static final RawBody EMPTY = new RawBody(0, 0, 0, 0);
}
