package io.sheepdog.protocol.message;

/**
 * Response to requests about one object.
 *
 * <pre>
 *  20 copies u8 | 21 - (3 bytes) | 24 offset u64 | 32 - (16 bytes)
 * </pre>
 *
 * @param copies 0..255; 0 in all recordings
 * @param offset always 0 in v1.0
 */
public record ObjectReply(int copies, long offset) implements ResponseBody {
  /** All zero. */
  public static final ObjectReply EMPTY = new ObjectReply(0, 0);

  /** Checks the range. */
  public ObjectReply {
    Ranges.u8("Copies", copies);
  }
}
