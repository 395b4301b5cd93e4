package io.sheepdog.daemon.store;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Bytes and user attributes of a file. Immutable. */
final class FileContent {
  static final FileContent EMPTY = new FileContent(new byte[0], Map.of());

  private final byte[] data;
  private final Map<String, String> attributes;
  private final int hash;

  FileContent(byte[] data, Map<String, String> attributes) {
    this.data = data;
    this.attributes = attributes;
    this.hash = 31 * Arrays.hashCode(data) + attributes.hashCode();
  }

  byte[] data() {
    return data.clone();
  }

  int size() {
    return data.length;
  }

  Map<String, String> attributes() {
    return attributes;
  }

  FileContent resized(int size) {
    return new FileContent(Arrays.copyOf(data, size), attributes);
  }

  FileContent written(int position, byte[] bytes, int length) {
    byte[] changed = Arrays.copyOf(data, Math.max(data.length, position + length));
    System.arraycopy(bytes, 0, changed, position, length);
    return new FileContent(changed, attributes);
  }

  FileContent attributed(String name, String value) {
    Map<String, String> changed = new TreeMap<>(attributes);
    changed.put(name, value);
    return new FileContent(data, changed);
  }

  FileContent withAttributesOf(FileContent other) {
    return new FileContent(data, other.attributes);
  }

  @Override
  public boolean equals(Object object) {
    return object == this
        || (object instanceof FileContent other
            && hash == other.hash
            && Arrays.equals(data, other.data)
            && attributes.equals(other.attributes));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
