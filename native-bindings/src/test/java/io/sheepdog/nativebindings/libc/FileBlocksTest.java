package io.sheepdog.nativebindings.libc;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.libc.FileBlocks.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the file system of temporary files; {@code StoreMountsTest} has one that shares blocks. */
class FileBlocksTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private final FileBlocks blocks = new FileBlocks();

  private Path file(long position) throws IOException {
    Path file = Files.createFile(directory.resolve("at" + position));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), position);
      channel.write(ByteBuffer.wrap(new byte[] {1}), 8 * MIB - 1);
    }
    return file;
  }

  @Test
  void dataIsWhereSomethingWasWritten() throws IOException {
    var ranges = blocks.data(file(3 * MIB), 8 * MIB);
    assertThat(ranges).hasSize(2);
    assertThat(ranges.get(0).from()).isGreaterThan(2 * MIB).isLessThanOrEqualTo(3 * MIB);
    assertThat(ranges.get(0).to()).isGreaterThan(3 * MIB).isLessThan(4 * MIB);
    assertThat(ranges.get(1).to()).isEqualTo(8 * MIB);
  }

  @Test
  void whatLiesBehindTheSizeIsLeftOut() throws IOException {
    Path file = file(3 * MIB);
    assertThat(blocks.data(file, 2 * MIB)).isEmpty();
    assertThat(blocks.data(file, 3 * MIB + 1).get(0).to()).isEqualTo(3 * MIB + 1);
    assertThat(blocks.data(file, 0)).isEmpty();
  }

  @Test
  void aFileThatCannotBeAskedIsAllData() {
    assertThat(blocks.data(directory.resolve("missing"), 10)).containsExactly(new Range(0, 10));
  }

  @Test
  void aFileIsSharedAsItIsOrNotAtAll() throws IOException {
    Path source = file(3 * MIB);
    Path target = Files.createFile(directory.resolve("target"));
    if (blocks.share(source, target)) {
      assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    } else {
      assertThat(Files.size(target)).isZero();
    }
    assertThat(blocks.share(directory.resolve("missing"), target)).isFalse();
  }
}
