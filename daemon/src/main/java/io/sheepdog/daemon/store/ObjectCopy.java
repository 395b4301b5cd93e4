package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.nativebindings.libc.FileBlocks;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Fills the file of a new object with what another object has, and a piece of data over it: by
 * sharing the blocks where the file system can, else in one pass, in which holes and zeros become
 * holes. Whole stripes that the data covers are left out. If the source has checksums no byte of it
 * gets into the new object that does not match them.
 *
 * <p>The source may belong to another stripe of the store, so it is opened anew; nothing but
 * repairs writes to it, and those are found by the checksum of what was copied, which is taken from
 * the new file where blocks are shared.
 */
final class ObjectCopy {
  private static final int BLOCK = 4 << 10;

  private final Disk disk;
  private final Faults faults;

  /** What is copied goes through it; a multiple of {@link #BLOCK}. */
  private final ByteBuffer scratch;

  private final ByteBuffer zeros;

  /** CRC-32C of a stripe of zeros of {@link #zeroLength} bytes. */
  private int zeroSum;

  private long zeroLength = -1;

  ObjectCopy(Disk disk, Faults faults, ByteBuffer scratch) {
    this.disk = disk;
    this.faults = faults;
    this.scratch = scratch;
    zeros = ByteBuffer.allocateDirect(scratch.capacity());
  }

  /**
   * What to copy.
   *
   * @param oid for messages
   * @param file of the source
   * @param isClean whether its checksums mean something
   */
  record Source(ObjectId oid, Path file, boolean isClean) {}

  /**
   * What to make.
   *
   * @param temporary its file, which does not exist
   * @param isSummed whether a checksum of what was copied is wanted
   */
  record Target(
      Path temporary, ObjectAttributes attributes, long offset, ByteBuf data, boolean isSummed) {
    boolean covers(long from, long to) {
      return offset <= from && to <= offset + data.readableBytes();
    }
  }

  /**
   * Makes the file, durably.
   *
   * @return NO_OBJECT or DAMAGED if the source is of no use; the file may exist then
   * @throws IOException if the file could not be made
   */
  CopyOutcome make(Source source, Target target) throws IOException {
    OpenObject from = open(source);
    if (from == null) {
      return CopyOutcome.failed(StoreStatus.NO_OBJECT);
    }
    try {
      if (from.attributes().size() != target.attributes().size()) {
        return CopyOutcome.failed(StoreStatus.NO_OBJECT);
      }
      return from.damaged().isEmpty()
          ? make(source, from, target)
          : CopyOutcome.failed(StoreStatus.DAMAGED);
    } finally {
      from.close();
    }
  }

  private @Nullable OpenObject open(Source source) {
    try {
      return OpenObject.open(disk, source.file(), source.isClean());
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      faults.statusOf("copy", source.oid(), e);
      return null;
    }
  }

  private CopyOutcome make(Source source, OpenObject from, Target target) throws IOException {
    try (FileChannel to = disk.create(target.temporary())) {
      boolean isShared = disk.share(source.file(), target.temporary());
      if (!isShared) {
        disk.extend(target.temporary(), target.attributes().size());
      }
      long sum = 0;
      if (!isShared || from.sums() != null || target.isSummed()) {
        Pass pass =
            new Pass(from.sums(), isShared ? to : from.channel(), isShared ? null : to, target);
        try {
          pass.run(disk.data(source.file(), target.attributes().size()));
        } catch (ReadException e) {
          faults.statusOf("copy", source.oid(), e.failure);
          return CopyOutcome.failed(StoreStatus.DAMAGED);
        }
        if (pass.isDamaged) {
          return CopyOutcome.failed(StoreStatus.DAMAGED);
        }
        sum = pass.sum;
      }
      OpenObject made = new OpenObject(disk, target.temporary(), to, target.attributes());
      made.write(target.offset(), target.data());
      ObjectXattr.write(disk, target.temporary(), target.attributes());
      made.syncAll();
      return new CopyOutcome(StoreStatus.OK, target.isSummed() ? sum : 0);
    }
  }

  /** The source cannot be read. */
  private static final class ReadException extends Exception {
    private static final long serialVersionUID = 1;

    private final IOException failure;

    ReadException(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  /** One pass over what is copied, stripe by stripe. */
  private final class Pass {
    private final @Nullable StripeSums sums;
    private final FileChannel from;

    /** Null if the bytes are there already. */
    private final @Nullable FileChannel to;

    private final Target target;
    private final boolean isSummed;
    private final CRC32C stripeSum = new CRC32C();
    private long sum;
    private boolean isDamaged;

    Pass(@Nullable StripeSums sums, FileChannel from, @Nullable FileChannel to, Target target) {
      this.sums = sums;
      this.from = from;
      this.to = to;
      this.target = target;
      isSummed = sums != null || target.isSummed();
    }

    void run(List<FileBlocks.Range> data) throws IOException, ReadException {
      long size = target.attributes().size();
      long stripe = StripeSums.stripeSize(size);
      int next = 0;
      for (long begin = 0; begin < size && !isDamaged; begin += stripe) {
        long end = Math.min(size, begin + stripe);
        while (next < data.size() && data.get(next).to() <= begin) {
          next++;
        }
        boolean isHole = next == data.size() || data.get(next).from() >= end;
        if (target.covers(begin, end)) {
          note(0);
        } else if (!isHole) {
          copy(begin, end);
        } else if (isSummed) {
          check(begin, sumOfZeros(end - begin));
        }
      }
    }

    private void check(long begin, int found) {
      isDamaged = sums != null && !sums.matches(sums.at(begin), found);
      note(found);
    }

    private void note(int found) {
      sum = sum * 0x9e3779b97f4a7c15L + Integer.toUnsignedLong(found) + 1;
    }

    private void copy(long begin, long end) throws IOException, ReadException {
      stripeSum.reset();
      for (long position = begin; position < end; ) {
        int length = (int) Math.min(scratch.capacity(), end - position);
        read(position, length);
        if (isSummed) {
          stripeSum.update(scratch.duplicate());
        }
        if (to != null) {
          write(to, position);
        }
        position += length;
      }
      if (isSummed) {
        check(begin, (int) stripeSum.getValue());
      }
    }

    private void read(long position, int length) throws ReadException {
      scratch.clear().limit(length);
      try {
        while (scratch.hasRemaining()) {
          if (from.read(scratch, position + scratch.position()) < 0) {
            throw new IOException("the file ends before byte " + (position + length));
          }
        }
      } catch (IOException e) {
        throw new ReadException(e);
      }
      scratch.flip();
    }

    /** Writes what lies between the first and the last block that is not zero. */
    private void write(FileChannel channel, long position) throws IOException {
      int first = scratch.mismatch(zeros.slice(0, scratch.limit()));
      if (first < 0) {
        return;
      }
      int begin = first / BLOCK * BLOCK;
      int end = scratch.limit();
      for (int block = (end - 1) / BLOCK * BLOCK; block > begin; block -= BLOCK) {
        if (scratch.slice(block, end - block).mismatch(zeros.slice(0, end - block)) >= 0) {
          break;
        }
        end = block;
      }
      ByteBuffer piece = scratch.slice(begin, end - begin);
      while (piece.hasRemaining()) {
        disk.write(channel, piece, position + begin + piece.position());
      }
    }
  }

  private int sumOfZeros(long length) {
    if (length != zeroLength) {
      CRC32C sum = new CRC32C();
      for (long left = length; left > 0; left -= zeros.capacity()) {
        sum.update(zeros.slice(0, (int) Math.min(left, zeros.capacity())));
      }
      zeroSum = (int) sum.getValue();
      zeroLength = length;
    }
    return zeroSum;
  }
}
