package io.sheepdog.integration.power;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The content of a disk while writes are carried out on it once more, one by one. */
final class CutDisk {
  private static final int BLOCK = 4096;

  private final long size;

  /** What is not zero, by block number. */
  private final Map<Long, byte[]> blocks = new HashMap<>();

  private CutDisk(long size) {
    this.size = size;
  }

  private CutDisk(CutDisk other) {
    size = other.size;
    other.blocks.forEach((number, block) -> blocks.put(number, block.clone()));
  }

  static CutDisk of(Path image) throws IOException {
    CutDisk disk = new CutDisk(Files.size(image));
    try (FileChannel channel = FileChannel.open(image)) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      for (long number = 0; number < disk.size / BLOCK; number++) {
        channel.read(block.clear(), number * BLOCK);
        byte[] bytes = block.array().clone();
        for (byte one : bytes) {
          if (one != 0) {
            disk.blocks.put(number, bytes);
            break;
          }
        }
      }
    }
    return disk;
  }

  void write(WriteLog.Entry entry) {
    for (int done = 0; done < entry.data().length; done += WriteLog.SECTOR) {
      writeSector(entry, done);
    }
  }

  private void writeSector(WriteLog.Entry entry, int from) {
    long offset = entry.offset() + from;
    byte[] block = blocks.computeIfAbsent(offset / BLOCK, number -> new byte[BLOCK]);
    System.arraycopy(entry.data(), from, block, (int) (offset % BLOCK), WriteLog.SECTOR);
  }

  /**
   * The same disk with a part of what was written and not flushed: each write whole, torn between
   * sectors, or not at all, in any order.
   */
  CutDisk withSomeOf(List<WriteLog.Entry> unflushed, Random random) {
    CutDisk torn = new CutDisk(this);
    for (WriteLog.Entry entry : unflushed) {
      int fate = random.nextInt(3);
      for (int done = 0; done < entry.data().length; done += WriteLog.SECTOR) {
        if (fate == 0 || (fate == 1 && random.nextBoolean())) {
          torn.writeSector(entry, done);
        }
      }
    }
    return torn;
  }

  /** Writes it out as a sparse file. */
  void writeTo(Path image) throws IOException {
    Files.deleteIfExists(image);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(size);
      for (Map.Entry<Long, byte[]> block : blocks.entrySet()) {
        ByteBuffer bytes = ByteBuffer.wrap(block.getValue());
        while (bytes.hasRemaining()) {
          long at = block.getKey() * BLOCK + bytes.position();
          if (file.getChannel().write(bytes, at) <= 0) {
            throw new IOException("nothing can be written to " + image);
          }
        }
      }
    }
  }
}
