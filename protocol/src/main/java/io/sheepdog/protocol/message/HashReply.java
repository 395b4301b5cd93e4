package io.sheepdog.protocol.message;

import java.nio.ByteBuffer;

/**
 * Response to GET_HASH.
 *
 * <pre>
 *  20 - u32 | 24 SHA-1 u8[20] | 44 - u32
 * </pre>
 *
 * @param first digest bytes 0..7, big-endian
 * @param second digest bytes 8..15, big-endian
 * @param third digest bytes 16..19, big-endian
 */
public record HashReply(long first, long second, int third) implements ResponseBody {
  /** Bytes of the digest. */
  public static final int DIGEST_SIZE = 20;

  /** The reply with that digest. */
  public static HashReply of(byte[] digest) {
    if (digest.length != DIGEST_SIZE) {
      throw new IllegalArgumentException(
          "A SHA-1 digest has " + DIGEST_SIZE + " bytes, this has " + digest.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(digest);
    return new HashReply(buffer.getLong(), buffer.getLong(), buffer.getInt());
  }

  /** The 20 digest bytes in a new array. */
  public byte[] digest() {
    return ByteBuffer.allocate(DIGEST_SIZE).putLong(first).putLong(second).putInt(third).array();
  }
}
