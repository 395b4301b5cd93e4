package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.MemberId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The event files in the directory of a cluster. Changed only under the append lock. */
final class EventFiles {
  private static final String PREFIX = "events.";

  private final Path directory;

  EventFiles(Path directory) {
    this.directory = directory;
  }

  Path path(long number) {
    return directory.resolve(PREFIX + number);
  }

  private NavigableMap<Long, Path> all() throws IOException {
    NavigableMap<Long, Path> files = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path entry : entries) {
        String number = entry.getFileName().toString().substring(PREFIX.length());
        if (number.matches("[0-9]{1,18}")) {
          files.put(Long.parseLong(number), entry);
        }
      }
    }
    return files;
  }

  /**
   * Where a joiner begins to read: its first record says who was a member then, and NEXT leads from
   * file to file. Not the highest: that one may be the remains of a process that died while
   * beginning it.
   */
  long lowest() throws IOException {
    NavigableMap<Long, Path> files = all();
    if (files.isEmpty()) {
      throw new NoSuchFileException(
          path(1).toString(), null, "members are alive and their event file is gone");
    }
    return files.firstKey();
  }

  /** Removes all and begins a file without members. Nobody is alive. */
  long startAfresh() throws IOException {
    NavigableMap<Long, Path> files = all();
    for (Path file : files.values()) {
      Files.deleteIfExists(file);
    }
    long number = files.isEmpty() ? 1 : files.lastKey() + 1;
    create(number, List.of());
    return number;
  }

  /** Makes a file that begins with the members; it gets its name when it is complete. */
  void create(long number, List<MemberId> members) throws IOException {
    Path temporary = directory.resolve("events-new");
    EventRecord first = EventRecord.members(members);
    ByteBuffer bytes = ByteBuffer.allocate(first.size());
    first.encode(bytes);
    bytes.flip();
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING))) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.move(
        temporary,
        path(number),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void removeBelow(long number) throws IOException {
    for (Path file : all().headMap(number).values()) {
      Files.deleteIfExists(file);
    }
  }
}
