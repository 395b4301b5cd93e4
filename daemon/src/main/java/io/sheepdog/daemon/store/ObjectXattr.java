package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.daemon.store.CheckedText.FormatException;
import io.sheepdog.protocol.id.Epoch;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extended attribute {@code user.sheepdog.object} of an object file, one line of text of at
 * most 1 KiB:
 *
 * <pre>format=1 size=4194304 copies=3 policy=0 epoch=7 sums=q83vAQ... damaged=ff</pre>
 *
 * <p>{@code sums} are the {@link StripeSums} of when the object was marked clean; they mean nothing
 * while it is dirty. {@code damaged} are the blocks whose bytes are known to be wrong, a number in
 * hexadecimal, lowest bit for the first. Both may be missing.
 *
 * <p>One attribute rather than one per field: one system call, and all fields change together.
 */
final class ObjectXattr {
  /** Name without the {@code user.} that the JDK adds. */
  static final String NAME = "sheepdog.object";

  private static final int MAX_BYTES = 1024;

  private ObjectXattr() {}

  /**
   * What the attribute says.
   *
   * @param sums null if there are none
   * @param damaged blocks whose bytes are known to be wrong
   */
  record Contents(ObjectAttributes attributes, @Nullable StripeSums sums, BitSet damaged) {}

  static void write(Disk disk, Path file, ObjectAttributes attributes) throws IOException {
    write(disk, file, new Contents(attributes, null, new BitSet()));
  }

  static void write(Disk disk, Path file, Contents contents) throws IOException {
    ObjectAttributes attributes = contents.attributes();
    StripeSums sums = contents.sums();
    String text =
        String.format(
            "format=%d size=%d copies=%d policy=%d epoch=%s",
            CheckedText.FORMAT,
            attributes.size(),
            attributes.copies(),
            attributes.copyPolicy(),
            attributes.epoch());
    if (sums != null) {
      text += " sums=" + sums.text();
    }
    if (!contents.damaged().isEmpty()) {
      text +=
          " damaged=" + new BigInteger(1, reversed(contents.damaged().toByteArray())).toString(16);
    }
    disk.setAttribute(file, NAME, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] result = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      result[i] = bytes[bytes.length - 1 - i];
    }
    return result;
  }

  private static BitSet damaged(KeyValues values) throws FormatException {
    if (!values.has("damaged")) {
      return new BitSet();
    }
    String text = values.text("damaged");
    if (!text.matches("[0-9a-f]{1,128}")) {
      throw new FormatException("damaged=" + text + " does not have 1 to 128 hex digits");
    }
    return BitSet.valueOf(reversed(new BigInteger(text, 16).toByteArray()));
  }

  /** Reads the attributes of the object alone. */
  static ObjectAttributes read(Path file) throws IOException {
    return readAll(file).attributes();
  }

  /** Reads it; a missing or malformed attribute is an {@link IOException}. */
  static Contents readAll(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);
    UserDefinedFileAttributeView view = view(file);
    try {
      view.read(NAME, buffer);
    } catch (IOException e) {
      if (!view.list().contains(NAME)) {
        throw new FormatException("it has no attribute user." + NAME + " (copied without xattrs?)");
      }
      throw e;
    }
    String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    KeyValues values = KeyValues.of(List.of(text.split(" ", -1)));
    if (values.number("format", 1, Integer.MAX_VALUE) > CheckedText.FORMAT) {
      throw new FormatException("written by a newer version of this program");
    }
    ObjectAttributes attributes =
        new ObjectAttributes(
            values.number("size", 0, Long.MAX_VALUE),
            (int) values.number("copies", 1, 31),
            (int) values.number("policy", 0, 255),
            new Epoch((int) values.number("epoch", 0, 0xffffffffL)));
    StripeSums sums =
        values.has("sums") ? StripeSums.parse(attributes.size(), values.text("sums")) : null;
    return new Contents(attributes, sums, damaged(values));
  }

  /**
   * Sets, reads back and removes an attribute of {@code file}.
   *
   * @throws IOException if the file system has no user attributes
   */
  static void probe(Path file) throws IOException {
    UserDefinedFileAttributeView view = view(file);
    byte[] written = "probe".getBytes(StandardCharsets.US_ASCII);
    view.write("sheepdog.probe", ByteBuffer.wrap(written));
    ByteBuffer back = ByteBuffer.allocate(written.length);
    view.read("sheepdog.probe", back);
    if (!back.flip().equals(ByteBuffer.wrap(written))) {
      throw new IOException("an attribute did not come back as it was written");
    }
    view.delete("sheepdog.probe");
  }

  static UserDefinedFileAttributeView view(Path file) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      throw new IOException("the Java runtime has no user attributes on this platform");
    }
    return view;
  }
}
