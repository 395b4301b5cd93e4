package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The form of {@code config} and the epoch logs: a title, the format version, lines of {@code
 * key=value}, and a checksum over all before it, so that an operator can read them and a damaged
 * one is noticed.
 *
 * <pre>
 * sheepdog store
 * format=1
 * key=value
 * crc32c=1a2b3c4d
 * </pre>
 */
final class CheckedText {
  /** Newest format that this program reads and the one it writes. */
  static final int FORMAT = 1;

  /** Largest file that is read: room for 6144 nodes in an epoch log. */
  private static final int MAX_BYTES = 2 << 20;

  private static final String FORMAT_KEY = "format=";
  private static final String CHECKSUM_KEY = "crc32c=";

  private CheckedText() {}

  /** The file cannot be understood; the message says why and ends without a full stop. */
  static final class FormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean newer;

    FormatException(String message) {
      this(message, false);
    }

    private FormatException(String message, boolean newer) {
      super(message);
      this.newer = newer;
    }

    /** Whether the file is sound and only too new. */
    boolean newer() {
      return newer;
    }
  }

  /** Joins title and lines and appends the checksum. */
  static String encode(String title, List<String> lines) {
    StringBuilder text = new StringBuilder(title).append('\n').append(FORMAT_KEY + FORMAT + "\n");
    lines.forEach(line -> text.append(line).append('\n'));
    return text + CHECKSUM_KEY + checksum(text.toString()) + "\n";
  }

  /** The lines between format and checksum. */
  static List<String> read(Path file, String title) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new FormatException("it has " + size + " bytes, at most " + MAX_BYTES + " make sense");
    }
    return decode(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), title);
  }

  private static List<String> decode(String text, String title) throws FormatException {
    List<String> lines = text.lines().toList();
    if (lines.size() < 2 || !lines.get(0).equals(title)) {
      throw new FormatException("it does not begin with the line '" + title + "'");
    }
    checkFormat(lines.get(1));
    int end = text.lastIndexOf(CHECKSUM_KEY);
    if (end < 0 || !text.endsWith("\n")) {
      throw new FormatException("it ends early, its checksum is missing");
    }
    String expected = CHECKSUM_KEY + checksum(text.substring(0, end)) + "\n";
    if (!text.substring(end).equals(expected)) {
      throw new FormatException("its checksum does not match");
    }
    return lines.subList(2, lines.size() - 1);
  }

  private static void checkFormat(String line) throws FormatException {
    String version = line.startsWith(FORMAT_KEY) ? line.substring(FORMAT_KEY.length()) : "";
    if (!version.matches("[0-9]{1,9}")) {
      throw new FormatException("its second line is not '" + FORMAT_KEY + "' and a number");
    }
    if (Integer.parseInt(version) > FORMAT) {
      throw new FormatException(
          "it has format " + version + ", this program knows formats up to " + FORMAT, true);
    }
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }
}
