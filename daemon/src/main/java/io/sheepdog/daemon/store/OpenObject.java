package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** An open object file. Belongs to one stripe. */
final class OpenObject {
  private final Disk disk;
  private final Path file;
  private final FileChannel channel;
  private final ObjectAttributes attributes;
  private boolean unsynced;

  OpenObject(Disk disk, Path file, FileChannel channel, ObjectAttributes attributes) {
    this.disk = disk;
    this.file = file;
    this.channel = channel;
    this.attributes = attributes;
  }

  /**
   * Opens what is there.
   *
   * @throws IOException also if the file is damaged: attributes missing, or not of their size
   */
  static OpenObject open(Disk disk, Path file) throws IOException {
    FileChannel channel = disk.open(file);
    try {
      ObjectAttributes attributes = ObjectXattr.read(file);
      if (channel.size() != attributes.size()) {
        throw new IOException(
            file + " has " + channel.size() + " bytes, its object " + attributes.size());
      }
      return new OpenObject(disk, file, channel, attributes);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  ObjectAttributes attributes() {
    return attributes;
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
   * @throws IOException also if the file ends early
   */
  ObjectDigest digest(ByteBuffer scratch) throws IOException {
    ObjectDigest.Builder digest = new ObjectDigest.Builder(attributes.size());
    for (long position = 0; position < attributes.size(); ) {
      scratch.clear().limit((int) Math.min(scratch.capacity(), attributes.size() - position));
      int count = channel.read(scratch, position);
      if (count < 0) {
        throw new IOException(file + " ends before byte " + attributes.size());
      }
      digest.add(scratch.flip());
      position += count;
    }
    return digest.build();
  }

  /** Writes all readable bytes; the buffer's indices stay as they are. */
  void write(long offset, ByteBuf data) throws IOException {
    unsynced = true;
    long position = offset;
    for (ByteBuffer part : data.nioBuffers()) {
      while (part.hasRemaining()) {
        position += disk.write(channel, part, position);
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
