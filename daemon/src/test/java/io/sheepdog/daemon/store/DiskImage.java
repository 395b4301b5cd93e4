package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a directory holds, its own durable records only: lock and ballast say nothing. Immutable.
 *
 * @param directories paths, parents before children
 * @param files content of each path
 */
record DiskImage(SortedSet<String> directories, SortedMap<String, FileContent> files) {
  private static final Set<String> LEFT_OUT = Set.of("store/lock", "store/ballast");

  /** A directory without a store. */
  static DiskImage empty() {
    return new DiskImage(new TreeSet<>(), new TreeMap<>());
  }

  /** What is below {@code base}. */
  static DiskImage of(Path base) throws IOException {
    DiskImage image = empty();
    try (Stream<Path> all = Files.walk(base)) {
      for (Path path : all.filter(path -> !path.equals(base)).toList()) {
        String name = base.relativize(path).toString();
        if (Files.isDirectory(path)) {
          image.directories.add(name);
        } else if (!LEFT_OUT.contains(name)) {
          image.files.put(name, read(path));
        }
      }
    }
    return image;
  }

  private static FileContent read(Path file) throws IOException {
    Map<String, String> attributes = new TreeMap<>();
    for (String name : ObjectXattr.view(file).list()) {
      ByteBuffer value = ByteBuffer.allocate(1024);
      ObjectXattr.view(file).read(name, value);
      attributes.put(
          name, new String(value.array(), 0, value.position(), StandardCharsets.ISO_8859_1));
    }
    return new FileContent(Files.readAllBytes(file), attributes);
  }

  /** Makes {@code base} hold exactly this; lock and ballast of a store stay. */
  void writeTo(Path base) throws IOException {
    clear(base);
    for (String directory : directories) {
      Files.createDirectories(base.resolve(directory));
    }
    for (Map.Entry<String, FileContent> entry : files.entrySet()) {
      Path file = base.resolve(entry.getKey());
      Files.write(file, entry.getValue().data());
      for (Map.Entry<String, String> attribute : entry.getValue().attributes().entrySet()) {
        byte[] value = attribute.getValue().getBytes(StandardCharsets.ISO_8859_1);
        ObjectXattr.view(file).write(attribute.getKey(), ByteBuffer.wrap(value));
      }
    }
  }

  private void clear(Path base) throws IOException {
    Set<String> kept = files.containsKey("store/config") ? LEFT_OUT : Set.of();
    List<Path> present;
    try (Stream<Path> all = Files.walk(base)) {
      present = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : present) {
      String name = base.relativize(path).toString();
      boolean stays = path.equals(base) || kept.contains(name) || directories.contains(name);
      if (!stays) {
        Files.delete(path);
      }
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("directories " + directories);
    files.forEach(
        (path, content) ->
            text.append("; ")
                .append(path)
                .append(" (")
                .append(content.size())
                .append(" bytes ")
                .append(Integer.toHexString(content.hashCode()))
                .append(')'));
    return text.toString();
  }
}
