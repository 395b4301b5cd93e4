package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** An open object file. Belongs to one stripe. */
final class OpenObject {
  private final Disk disk;
  private final Path file;
  private final FileChannel channel;
  private final ObjectAttributes attributes;
  private boolean unsynced;

  /** Of when it was marked clean; null while it is dirty, as far as this process knows. */
  private @Nullable StripeSums sums;

  /** Blocks whose bytes are known to be wrong. */
  private final BitSet damaged = new BitSet();

  OpenObject(Disk disk, Path file, FileChannel channel, ObjectAttributes attributes) {
    this.disk = disk;
    this.file = file;
    this.channel = channel;
    this.attributes = attributes;
  }

  /**
   * Opens what is there.
   *
   * @param isClean whether its checksums mean something
   * @throws IOException also if the file is damaged: attributes missing, or not of their size
   */
  static OpenObject open(Disk disk, Path file, boolean isClean) throws IOException {
    FileChannel channel = disk.open(file);
    try {
      ObjectXattr.Contents contents = ObjectXattr.readAll(file);
      ObjectAttributes attributes = contents.attributes();
      if (channel.size() != attributes.size()) {
        throw new IOException(
            file + " has " + channel.size() + " bytes, its object " + attributes.size());
      }
      OpenObject object = new OpenObject(disk, file, channel, attributes);
      object.damaged.or(contents.damaged());
      if (isClean) {
        object.sums = contents.sums();
      }
      return object;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** For somebody who only reads. */
  FileChannel channel() {
    return channel;
  }

  ObjectAttributes attributes() {
    return attributes;
  }

  Path file() {
    return file;
  }

  /** Checksums of when it was marked clean, if it is, or was when it was opened. */
  @Nullable StripeSums sums() {
    return sums;
  }

  /** Notes durably that the object has these sums and no damage; the caller has looked. */
  void setClean(@Nullable StripeSums now) throws IOException {
    ObjectXattr.write(disk, file, new ObjectXattr.Contents(attributes, now, new BitSet()));
    syncAll();
    damaged.clear();
    sums = now;
  }

  /** Blocks whose bytes are known to be wrong; a live view. */
  BitSet damaged() {
    return damaged;
  }

  /** Whether some of the bytes are known to be wrong. */
  boolean isDamaged(long offset, long length) {
    if (damaged.isEmpty() || length == 0) {
      return false;
    }
    int next = damaged.nextSetBit(block(offset));
    return next >= 0 && next <= block(offset + length - 1);
  }

  private int block(long offset) {
    return ObjectDigest.blockAt(attributes.size(), offset);
  }

  /** The bytes of a stripe are wrong; that is not durable before {@link #noteDamage}. */
  void setDamaged(StripeSums of, int stripe) {
    damaged.set(block(of.from(stripe)), block(of.to(stripe) - 1) + 1);
    of.forget(of.from(stripe), 1);
  }

  /** Makes durable what is known to be wrong. */
  void noteDamage() throws IOException {
    ObjectXattr.write(disk, file, new ObjectXattr.Contents(attributes, sums, damaged));
    syncAll();
  }

  /** CRC-32C of a range, which is read piece by piece into {@code scratch}. */
  int sum(ByteBuffer scratch, long from, long to) throws IOException {
    CRC32C sum = new CRC32C();
    for (long position = from; position < to; ) {
      scratch.clear().limit((int) Math.min(scratch.capacity(), to - position));
      int count = channel.read(scratch, position);
      if (count < 0) {
        throw new IOException(file + " ends before byte " + to);
      }
      sum.update(scratch.flip());
      position += count;
    }
    return (int) sum.getValue();
  }

  /** Whether something was written and not synced. */
  boolean unsynced() {
    return unsynced;
  }

  boolean covers(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= attributes.size() - length;
  }

  /**
   * Reads exactly {@code length} bytes. The caller releases the buffer.
   *
   * @throws IOException also if the file ends early: somebody cut it off, and zeros would be a lie
   */
  ByteBuf read(ByteBufAllocator allocator, long offset, int length) throws IOException {
    ByteBuf data = allocator.directBuffer(Math.max(length, 1), Math.max(length, 1));
    try {
      ByteBuffer target = data.internalNioBuffer(0, length);
      long position = offset;
      while (target.hasRemaining()) {
        int count = channel.read(target, position);
        if (count < 0) {
          throw new IOException(file + " ends before byte " + (offset + length));
        }
        position += count;
      }
      return data.writerIndex(length);
    } catch (IOException e) {
      data.release();
      throw e;
    }
  }

  /**
   * Checksums of all bytes, which are read piece by piece into {@code scratch}.
   *
   * @param stripes gets the same bytes
   * @throws IOException also if the file ends early
   */
  ObjectDigest digest(ByteBuffer scratch, StripeSums.Builder stripes) throws IOException {
    ObjectDigest.Builder digest = new ObjectDigest.Builder(attributes.size());
    for (long position = 0; position < attributes.size(); ) {
      scratch.clear().limit((int) Math.min(scratch.capacity(), attributes.size() - position));
      int count = channel.read(scratch, position);
      if (count < 0) {
        throw new IOException(file + " ends before byte " + attributes.size());
      }
      scratch.flip();
      stripes.add(scratch);
      digest.add(scratch);
      position += count;
    }
    return digest.build();
  }

  /** Writes all readable bytes; the buffer's indices stay as they are. */
  void write(long offset, ByteBuf data) throws IOException {
    unsynced = true;
    if (sums != null) {
      sums.forget(offset, data.readableBytes());
    }
    long position = offset;
    for (ByteBuffer part : data.nioBuffers()) {
      while (part.hasRemaining()) {
        position += disk.write(channel, part, position);
      }
    }
    if (!damaged.isEmpty()) {
      long block = ObjectDigest.blockSize(attributes.size());
      boolean isToTheEnd = position == attributes.size();
      int first = block(offset + block - 1);
      int end = isToTheEnd ? block(position + block - 1) : block(position);
      if (first < end) {
        // what was wrong there is gone
        damaged.clear(first, end);
      }
    }
  }

  /** Makes the data durable. After an exception the object still counts as unsynced. */
  void sync() throws IOException {
    disk.syncData(channel, file);
    unsynced = false;
  }

  /** The same with attributes. */
  void syncAll() throws IOException {
    disk.syncAll(channel, file);
    unsynced = false;
  }

  void close() throws IOException {
    channel.close();
  }
}
