package io.sheepdog.core.sim.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The blocks of a small disk that clients read and write. Every block holds one value, repeated.
 *
 * @param objects number of objects, of 1 MiB each
 * @param blocksPerObject used blocks of each object, evenly spread
 * @param blockSize bytes of a block, a multiple of 512
 */
public record Geometry(int objects, int blocksPerObject, int blockSize) {
  /** Object size as a power of two: the smallest that sheepdog has. */
  public static final int OBJECT_SHIFT = 20;

  /** Value of a block that is not one value repeated. */
  public static final long TORN = -1;

  /** Size of the disk in bytes. */
  public long diskSize() {
    return (long) objects << OBJECT_SHIFT;
  }

  /** Number of blocks. */
  public int blocks() {
    return objects * blocksPerObject;
  }

  /** Object that a block lies in. */
  public int objectOf(int block) {
    return block / blocksPerObject;
  }

  /** Offset of a block in its object. */
  public int offsetOf(int block) {
    return block % blocksPerObject * ((1 << OBJECT_SHIFT) / blocksPerObject);
  }

  /** All blocks of an object. */
  public int[] blocksOf(int object) {
    int[] blocks = new int[blocksPerObject];
    for (int i = 0; i < blocksPerObject; i++) {
      blocks[i] = object * blocksPerObject + i;
    }
    return blocks;
  }

  /** The bytes of a block that holds {@code value}. */
  public byte[] fill(long value) {
    ByteBuffer buffer = ByteBuffer.allocate(blockSize).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      buffer.putLong(value);
    }
    return buffer.array();
  }

  /** The value that a block's bytes hold, {@link #TORN} if they are not one value. */
  public static long valueOf(byte[] bytes, int from, int length) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
    long value = buffer.getLong();
    while (buffer.hasRemaining()) {
      if (buffer.getLong() != value) {
        return TORN;
      }
    }
    return value;
  }
}
