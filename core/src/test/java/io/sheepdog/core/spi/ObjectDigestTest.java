package io.sheepdog.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ObjectDigestTest {
  private static final int SIZE = (1 << 20) + 12;
  private static final int BLOCK = 8 << 10;

  private static byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static ObjectDigest digest(byte[] bytes, int piece) {
    ObjectDigest.Builder digest = new ObjectDigest.Builder(bytes.length);
    for (int from = 0; from < bytes.length; from += piece) {
      digest.add(ByteBuffer.wrap(bytes, from, Math.min(piece, bytes.length - from)));
    }
    return digest.build();
  }

  @Test
  void blocksAreOf8KibUntilThereWouldBeMoreThan512() {
    assertThat(ObjectDigest.blockSize(1)).isEqualTo(BLOCK);
    assertThat(ObjectDigest.blockSize(4 << 20)).isEqualTo(BLOCK);
    assertThat(ObjectDigest.blockSize((4 << 20) + 1)).isEqualTo(2 * BLOCK);
    assertThat(ObjectDigest.blockSize(1L << 31)).isEqualTo(4 << 20);
  }

  @Test
  void whatIsAddedInOtherPiecesIsTheSame() {
    ObjectDigest whole = digest(bytes(), SIZE);
    assertThat(whole.blocks()).isEqualTo(129);
    assertThat(whole.offset(128)).isEqualTo(1 << 20);
    assertThat(whole.offset(129)).isEqualTo(SIZE);
    for (int piece : new int[] {1000, BLOCK, BLOCK + 1, 1 << 18}) {
      assertThat(digest(bytes(), piece).isSame(whole)).isTrue();
    }
  }

  @Test
  void aBitThatDiffersShowsInItsBlockOnly() {
    ObjectDigest whole = digest(bytes(), SIZE);
    for (int place : new int[] {0, BLOCK - 1, BLOCK, SIZE - 1}) {
      byte[] changed = bytes();
      changed[place] ^= 1;
      ObjectDigest other = digest(changed, SIZE);
      assertThat(other.isSame(whole)).isFalse();
      for (int block = 0; block < whole.blocks(); block++) {
        assertThat(other.isSame(block, whole)).isEqualTo(block != place / BLOCK);
      }
    }
  }

  @Test
  void itComesOverTheWireAsItIs() {
    ObjectDigest digest = digest(bytes(), SIZE);
    ByteBuf sums = Unpooled.buffer(ObjectDigest.MAX_BYTES, ObjectDigest.MAX_BYTES);
    digest.writeTo(sums);
    assertThat(ObjectDigest.read(SIZE, sums.duplicate()).isSame(digest)).isTrue();
    assertThatThrownBy(() -> ObjectDigest.read(SIZE + BLOCK, sums))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1096 bytes are no digest of an object of 1056780 bytes");
  }

  @Test
  void blocksThatAreDamagedAreTheSameAsNothing() {
    ObjectDigest digest = digest(bytes(), SIZE);
    BitSet damaged = new BitSet();
    damaged.set(3);
    ByteBuf sums = Unpooled.buffer(ObjectDigest.MAX_BYTES, ObjectDigest.MAX_BYTES);
    digest.withDamaged(damaged).writeTo(sums);
    ObjectDigest read = ObjectDigest.read(SIZE, sums);
    assertThat(read.isSame(digest)).isFalse();
    assertThat(digest.isSame(read)).isFalse();
    for (int block = 0; block < digest.blocks(); block++) {
      assertThat(read.isTrusted(block)).isEqualTo(block != 3);
      assertThat(read.isSame(block, digest)).isEqualTo(block != 3);
      assertThat(digest.isSame(block, read)).isEqualTo(block != 3);
    }
  }

  @Test
  void ofBlocksThatAreZeroNothingIsNeeded() {
    byte[] bytes = new byte[SIZE];
    Arrays.fill(bytes, BLOCK, 2 * BLOCK, (byte) 1);
    ObjectDigest sparse =
        ObjectDigest.ofSparse(SIZE, i -> i == 1 ? ByteBuffer.wrap(bytes, BLOCK, BLOCK) : null);
    assertThat(sparse.isSame(digest(bytes, SIZE))).isTrue();
  }

  @Test
  void itIsOfAllBytes() {
    ObjectDigest.Builder digest = new ObjectDigest.Builder(SIZE);
    digest.add(ByteBuffer.allocate(SIZE - 1));
    assertThatThrownBy(digest::build).isInstanceOf(IllegalStateException.class);
  }
}
