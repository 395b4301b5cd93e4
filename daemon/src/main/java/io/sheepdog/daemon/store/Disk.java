package io.sheepdog.daemon.store;

import com.sun.nio.file.ExtendedOpenOption;
import io.sheepdog.nativebindings.libc.FileBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file system calls whose order, number and failure decide what survives a crash. One place, so
 * that tests can count them and make them fail, and so that {@code sheep -n} leaves out every sync.
 * Thread-safe.
 */
interface Disk {
  /** Opens an existing file for reading and writing; a symbolic link is refused. */
  FileChannel open(Path file) throws IOException;

  /** Creates an empty file, mode 0640, for reading and writing; one that exists is emptied. */
  FileChannel create(Path file) throws IOException;

  /**
   * The same for a file that is written past the page cache: positions, lengths, and addresses of
   * buffers are multiples of the file system's block size then.
   */
  FileChannel createDirect(Path file) throws IOException;

  /** Gives a file its size; what is new is a hole. */
  void extend(Path file, long size) throws IOException;

  /**
   * Gives an empty file the bytes and the size of another one, by sharing its blocks.
   *
   * @return false if the file system cannot do that; then nothing has changed
   */
  boolean share(Path from, Path to) throws IOException;

  /** The parts of the first {@code size} bytes of a file that are no holes, ascending. */
  List<FileBlocks.Range> data(Path file, long size) throws IOException;

  /** Writes some of {@code source} at {@code position}. */
  int write(FileChannel channel, ByteBuffer source, long position) throws IOException;

  /** fdatasync: the data and what is needed to read it again. */
  void syncData(FileChannel channel, Path file) throws IOException;

  /** fsync: the data and all metadata, xattrs included. */
  void syncAll(FileChannel channel, Path file) throws IOException;

  /** Makes names that were created, renamed and removed in {@code directory} durable. */
  void syncDirectory(Path directory) throws IOException;

  /** Renames; a file that has the name {@code to} is replaced. */
  void rename(Path from, Path to) throws IOException;

  /** Removes the name of a file; {@link java.nio.file.NoSuchFileException} if there is none. */
  void delete(Path file) throws IOException;

  /** Cuts a file off at {@code size}. */
  void truncate(FileChannel channel, long size) throws IOException;

  /** Sets the user attribute {@code name} (without the {@code user.} that the JDK adds). */
  void setAttribute(Path file, String name, byte[] value) throws IOException;

  /** Makes a directory, mode 0750. */
  void makeDirectory(Path directory) throws IOException;

  /** The real thing; with {@code nosync} the three syncs do nothing. */
  static Disk real(boolean nosync) {
    return new RealDisk(nosync);
  }

  /** See {@link #real}; open to tests, which override single calls. */
  class RealDisk implements Disk {
    private static final Set<OpenOption> CREATE =
        Set.of(
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING);

    private static final Set<OpenOption> CREATE_DIRECT =
        Stream.concat(CREATE.stream(), Stream.of(ExtendedOpenOption.DIRECT))
            .collect(Collectors.toUnmodifiableSet());

    private final FileBlocks blocks = new FileBlocks();
    private final boolean nosync;

    RealDisk(boolean nosync) {
      this.nosync = nosync;
    }

    @Override
    public FileChannel open(Path file) throws IOException {
      return FileChannel.open(
          file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public FileChannel create(Path file) throws IOException {
      return create(file, CREATE);
    }

    @Override
    public FileChannel createDirect(Path file) throws IOException {
      return create(file, CREATE_DIRECT);
    }

    private static FileChannel create(Path file, Set<OpenOption> options) throws IOException {
      return FileChannel.open(
          file,
          options,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    }

    @Override
    public void extend(Path file, long size) throws IOException {
      // FileChannel can only shrink files.
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(size);
      }
    }

    @Override
    public boolean share(Path from, Path to) throws IOException {
      return blocks.share(from, to);
    }

    @Override
    public List<FileBlocks.Range> data(Path file, long size) throws IOException {
      return blocks.data(file, size);
    }

    @Override
    public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
      return channel.write(source, position);
    }

    @Override
    public void syncData(FileChannel channel, Path file) throws IOException {
      if (!nosync) {
        channel.force(false);
      }
    }

    @Override
    public void syncAll(FileChannel channel, Path file) throws IOException {
      if (!nosync) {
        channel.force(true);
      }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      if (!nosync) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
      Files.delete(file);
    }

    @Override
    public void truncate(FileChannel channel, long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void setAttribute(Path file, String name, byte[] value) throws IOException {
      ObjectXattr.view(file).write(name, ByteBuffer.wrap(value));
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    }
  }
}
