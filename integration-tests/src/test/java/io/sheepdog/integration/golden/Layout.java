package io.sheepdog.integration.golden;

import java.util.ArrayList;
import java.util.List;

/** Which field a byte belongs to. */
interface Layout {

  /** The field that byte is in. */
  Field at(int position);

  /** Bytes without structure, named by where they are, in groups of that many. */
  static Layout chunks(String name, int size) {
    return position -> {
      int start = position / size * size;
      return new Field(name + "@" + start, start, size);
    };
  }

  /** Fields one after another. */
  static Layout of(Field... fields) {
    List<Field> sorted = List.of(fields);
    return position ->
        sorted.stream()
            .filter(f -> position >= f.offset() && position < f.offset() + f.length())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no field at " + position));
  }

  /** The same structure again and again. */
  static Layout repeated(String name, int size, Layout element) {
    return position -> {
      int index = position / size;
      return element.at(position % size).within(name + "[" + index + "]", index * size);
    };
  }

  /** One layout up to a position, and another, counted from there, after it. */
  static Layout concat(Layout head, int end, Layout tail) {
    return position -> {
      if (position < end) {
        return head.at(position);
      }
      Field field = tail.at(position - end);
      return new Field(field.name(), end + field.offset(), field.length());
    };
  }

  /** What is left of a layout behind its first bytes; a field that is cut keeps its name. */
  static Layout from(Layout whole, int skipped) {
    return position -> {
      Field field = whole.at(position + skipped);
      int start = Math.max(0, field.offset() - skipped);
      return new Field(field.name(), start, field.offset() + field.length() - skipped - start);
    };
  }

  /** Fields of the given sizes one after another, written as {@code name:size}. */
  static Layout sequence(String... parts) {
    List<Field> fields = new ArrayList<>();
    int offset = 0;
    for (String part : parts) {
      int colon = part.indexOf(':');
      int size = Integer.parseInt(part.substring(colon + 1));
      fields.add(new Field(part.substring(0, colon), offset, size));
      offset += size;
    }
    return of(fields.toArray(Field[]::new));
  }
}
