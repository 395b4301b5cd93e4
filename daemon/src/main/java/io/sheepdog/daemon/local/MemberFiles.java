package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.MemberId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One file per member, {@code member.<16 hex>}, locked by its process for life; its content (u64)
 * is the number of the event file that the member reads.
 *
 * <p>POSIX gives up all locks of a process on a file when the process closes any descriptor of it.
 * So a file is opened once, its descriptor is kept until the member is gone, and this process's own
 * file is never opened again. Driver thread.
 */
final class MemberFiles implements AutoCloseable {
  private static final String PREFIX = "member.";

  private final Path directory;
  private final MemberId self;
  private final Map<MemberId, FileChannel> others = new HashMap<>();
  private @Nullable FileChannel own;

  MemberFiles(Path directory, MemberId self) {
    this.directory = directory;
    this.self = self;
  }

  private Path path(MemberId member) {
    return directory.resolve(String.format("%s%016x", PREFIX, member.value()));
  }

  /** Makes and locks this process's file. Under the append lock. */
  void enter() throws IOException {
    FileChannel channel =
        FileChannel.open(
            path(self),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE_NEW);
    own = channel;
    if (channel.tryLock() == null) {
      throw new IOException(path(self) + " is new and yet locked");
    }
  }

  /**
   * Notes which event file this process reads: those before the lowest that anybody reads can go.
   */
  void reading(long generation) throws IOException {
    FileChannel channel = own;
    if (channel != null) {
      channel.write(ByteBuffer.allocate(Long.BYTES).putLong(generation).flip(), 0);
    }
  }

  /** The event file that a living member reads; 0 if it has not noted one. */
  long readBy(MemberId member) throws IOException {
    FileChannel channel = member.equals(self) ? own : channelOf(member);
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
    if (channel == null || channel.read(bytes, 0) < Long.BYTES) {
      return 0;
    }
    return bytes.flip().getLong();
  }

  /** Keeps cleaners of /tmp from taking the files of an idle cluster for old ones. */
  void touch(Path... more) throws IOException {
    FileTime now = FileTime.fromMillis(System.currentTimeMillis());
    Files.setLastModifiedTime(path(self), now);
    for (Path file : more) {
      Files.setLastModifiedTime(file, now);
    }
  }

  /**
   * Whether another process's lock is gone: it has ended, or its file was removed by somebody who
   * saw that.
   */
  boolean isDead(MemberId member) throws IOException {
    if (member.equals(self)) {
      return false;
    }
    FileChannel channel = channelOf(member);
    if (channel == null) {
      return true;
    }
    try (FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException anotherDriverOfThisProcess) {
      return false;
    }
  }

  private @Nullable FileChannel channelOf(MemberId member) throws IOException {
    FileChannel present = others.get(member);
    if (present != null) {
      return present;
    }
    try {
      FileChannel opened =
          FileChannel.open(path(member), StandardOpenOption.READ, StandardOpenOption.WRITE);
      others.put(member, opened);
      return opened;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * The members whose processes live, this one aside. Files of dead ones are removed. Under the
   * append lock.
   */
  Set<MemberId> livingOthers() throws IOException {
    Set<MemberId> living = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path file : files) {
        String digits = file.getFileName().toString().substring(PREFIX.length());
        if (!digits.matches("[0-9a-f]{16}")) {
          continue;
        }
        MemberId member = new MemberId(Long.parseUnsignedLong(digits, 16));
        if (isDead(member)) {
          remove(member);
        } else if (!member.equals(self)) {
          living.add(member);
        }
      }
    }
    return living;
  }

  /** Removes the file of a member that is gone. */
  void remove(MemberId member) throws IOException {
    if (member.equals(self)) {
      return;
    }
    Files.deleteIfExists(path(member));
    FileChannel channel = others.remove(member);
    if (channel != null) {
      channel.close();
    }
  }

  /** Closes the files of those who are no longer members. */
  void retain(Set<MemberId> members) throws IOException {
    Iterator<Map.Entry<MemberId, FileChannel>> entries = others.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<MemberId, FileChannel> entry = entries.next();
      if (!members.contains(entry.getKey())) {
        entries.remove();
        entry.getValue().close();
      }
    }
  }

  /** Removes this process's file and gives its lock back. */
  void exit() throws IOException {
    if (own != null) {
      Files.deleteIfExists(path(self));
    }
    close();
  }

  /** Gives the lock back without a word, as a dying process does. */
  @Override
  public void close() throws IOException {
    FileChannel channel = own;
    own = null;
    retain(Set.of());
    if (channel != null) {
      channel.close();
    }
  }
}
