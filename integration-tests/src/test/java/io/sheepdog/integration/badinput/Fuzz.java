package io.sheepdog.integration.badinput;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.OperationClass;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;

/**
 * Requests of known operations with versions that are accepted and bodies that are mostly nonsense,
 * drawn from a seed. About a third of the object ids belong to a victim image. Operations that
 * would rightly end the test's cluster are left out.
 */
final class Fuzz {
  private static final EnumSet<Opcode> FATAL =
      EnumSet.of(Opcode.MAKE_FS, Opcode.SHUTDOWN, Opcode.KILL_NODE, Opcode.FORCE_RECOVER);
  private static final int[] LENGTHS = {0, 1, 4, 24, 80, 120, 256, 512, 1428, 4096};
  private static final int[] ROOMS = {24, 512, 1 << 16, 491520, 491568, 2097152, 12587576};
  private static final int MOST_RANDOM_BYTES = 1 << 14;
  private static final int BODY_SIZE = 32;
  private static final int EPOCH_OFFSET = 4;
  private static final int BODY_OFFSET = 16;
  private static final int OBJECT_OFFSET_OFFSET = 40;

  private final Random random;
  private final VdiId victim;
  private final List<Opcode> operations =
      Arrays.stream(Opcode.values()).filter(opcode -> !FATAL.contains(opcode)).toList();

  Fuzz(long seed, VdiId victim) {
    this.random = new Random(seed);
    this.victim = victim;
  }

  /** The next request, payload included. */
  ByteBuf next(int id) {
    Opcode opcode = operations.get(random.nextInt(operations.size()));
    boolean payload = random.nextBoolean();
    int flags = payload ? flags() | RequestFlags.WRITE : flags() & ~RequestFlags.WRITE;
    int length = payload ? length() : one(ROOMS);
    ByteBuf header = Frames.header(opcode, flags, id, length);
    header.setIntLE(EPOCH_OFFSET, epoch(opcode));
    header.setBytes(BODY_OFFSET, bytes(BODY_SIZE));
    if (random.nextInt(3) == 0) {
      header.setLongLE(BODY_OFFSET, victimObject().value());
      header.setIntLE(OBJECT_OFFSET_OFFSET, random.nextInt(1 << 23));
    }
    return payload ? Unpooled.wrappedBuffer(header, text(length)) : header;
  }

  /** Of a peer 0 or 1: one that is ahead of the receiver is answered when that has caught up. */
  private int epoch(Opcode opcode) {
    return opcode.operationClass() == OperationClass.PEER ? random.nextInt(2) : random.nextInt();
  }

  private int flags() {
    return random.nextInt(4) == 0 ? random.nextInt(1 << 16) : 0;
  }

  private int length() {
    return random.nextInt(4) == 0 ? random.nextInt(MOST_RANDOM_BYTES) : one(LENGTHS);
  }

  private ObjectId victimObject() {
    return switch (random.nextInt(3)) {
      case 0 -> ObjectId.inode(victim);
      case 1 -> ObjectId.data(victim, random.nextInt(16));
      default ->
          new ObjectId((random.nextLong() & ~(0xffffffL << 32)) | ((long) victim.value() << 32));
    };
  }

  /** Half of the payloads look like a name: some letters and then zeros. */
  private ByteBuf text(int length) {
    byte[] bytes = bytes(length);
    if (random.nextBoolean()) {
      int letters = Math.min(length, 1 + random.nextInt(Limits.NAME_SIZE));
      for (int i = 0; i < length; i++) {
        bytes[i] = i < letters ? (byte) ('a' + (bytes[i] & 15)) : 0;
      }
    }
    return Unpooled.wrappedBuffer(bytes);
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private int one(int[] choices) {
    return choices[random.nextInt(choices.length)];
  }
}
