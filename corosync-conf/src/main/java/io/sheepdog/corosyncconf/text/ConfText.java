package io.sheepdog.corosyncconf.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A corosync.conf: its lines, its sections, and what corosync cannot read in it.
 *
 * @param lines all lines; {@link #toBytes()} puts them together again
 * @param root the whole file as a section
 * @param problems what corosync refuses, at most {@link #MAX_PROBLEMS}, in the order of the file
 */
public record ConfText(List<ConfLine> lines, ConfSection root, List<SyntaxProblem> problems) {
  /** Largest file that is looked at, in bytes: thirty times a file that names 384 nodes. */
  public static final int MAX_BYTES = 1 << 20;

  /** Most lines that are looked at. */
  public static final int MAX_LINES = 20_000;

  /** Deepest section; corosync itself knows sections in three levels. */
  public static final int MAX_DEPTH = 16;

  /** Longest line in bytes without its newline: corosync reads into a buffer of 512. */
  public static final int MAX_LINE = 510;

  /** After that many mistakes the rest of the file is not taken apart. */
  public static final int MAX_PROBLEMS = 50;

  public ConfText {
    lines = List.copyOf(lines);
    problems = List.copyOf(problems);
  }

  /** Reads and takes apart a file; nothing larger than {@link #MAX_BYTES} is ever in memory. */
  public static ConfText read(Path file) throws UnreadableConfException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new UnreadableConfException(
          "cannot read " + file + ": there is no such file; give the path of a corosync.conf");
    } catch (AccessDeniedException e) {
      throw new UnreadableConfException(
          "cannot read " + file + ": permission denied; call it as a user that may read it");
    } catch (IOException e) {
      throw new UnreadableConfException(
          "cannot read " + file + ": " + e.getMessage() + "; give the path of a corosync.conf");
    }
    if (bytes.length > MAX_BYTES) {
      throw new UnreadableConfException(
          "cannot read "
              + file
              + ": it has more than "
              + MAX_BYTES
              + " bytes, which no corosync.conf has; give the path of a corosync.conf");
    }
    return parse(bytes);
  }

  /**
   * Takes apart any bytes; mistakes are in {@link #problems()}.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_BYTES}
   */
  public static ConfText parse(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(bytes.length + " bytes, at most " + MAX_BYTES);
    }
    return new ConfParser(new String(bytes, StandardCharsets.ISO_8859_1)).parse();
  }

  /** The file, byte for byte. */
  public byte[] toBytes() {
    StringBuilder text = new StringBuilder();
    for (ConfLine line : lines) {
      text.append(line.raw());
      if (line.newline()) {
        text.append('\n');
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether it is unclear where sections begin and end. */
  public boolean isBroken() {
    return problems.stream().anyMatch(SyntaxProblem::structural);
  }

  /** Number of the last line; 1 for an empty file. */
  public int lastLine() {
    return Math.max(1, lines.size());
  }

  /** All sections of that path, in the order of the file; the path "" is the whole file. */
  public List<ConfSection> sections(String path) {
    List<ConfSection> found = new ArrayList<>();
    collect(root, path, found);
    return found;
  }

  private static void collect(ConfSection section, String path, List<ConfSection> found) {
    if (section.path().equals(path)) {
      found.add(section);
    }
    section.sections().forEach(inner -> collect(inner, path, found));
  }

  /**
   * The value that counts: of a key that is there more than once, in one or several sections of
   * that path, corosync takes the last. Null if there is none.
   */
  public @Nullable ConfEntry entry(String path, String key) {
    ConfEntry found = null;
    for (ConfSection section : sections(path)) {
      ConfEntry entry = section.entry(key);
      found = entry == null ? found : entry;
    }
    return found;
  }

  /** As {@link #entry}, the value alone. */
  public @Nullable String value(String path, String key) {
    ConfEntry entry = entry(path, key);
    return entry == null ? null : entry.value();
  }
}
