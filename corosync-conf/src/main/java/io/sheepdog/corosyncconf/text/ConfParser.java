package io.sheepdog.corosyncconf.text;

import io.sheepdog.corosyncconf.text.ConfLine.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** Builds a {@link ConfText}; goes on after a mistake where that makes sense. */
final class ConfParser {
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
  private static final int SHORTEST_PATH = 3;
  private static final int LONGEST_PATH = 255;
  private static final String MOVE_COMMENT = "put the comment on a line of its own";

  private final String text;
  private final List<ConfLine> lines = new ArrayList<>();
  private final List<SyntaxProblem> problems = new ArrayList<>();
  private final Deque<Open> open = new ArrayDeque<>();
  private int number;
  private boolean ended;

  ConfParser(String text) {
    this.text = text;
  }

  /** A section whose end has not been read yet. */
  private record Open(String path, int line, List<ConfEntry> entries, List<ConfSection> sections) {
    Open(String path, int line) {
      this(path, line, new ArrayList<>(), new ArrayList<>());
    }

    ConfSection close(int last) {
      return new ConfSection(path, line, last, entries, sections);
    }

    String inner(String name) {
      return path.isEmpty() ? name : path + "." + name;
    }
  }

  ConfText parse() {
    open.push(new Open("", 1));
    if (text.indexOf('\0') >= 0) {
      number = (int) text.substring(0, text.indexOf('\0')).chars().filter(c -> c == '\n').count();
      number++;
      stop("not-text", "this is not a text file: it has a zero byte", "give a text file");
    }
    number = 0;
    for (int at = 0; at < text.length(); ) {
      int end = text.indexOf('\n', at);
      boolean newline = end >= 0;
      end = newline ? end : text.length();
      number++;
      add(text.substring(at, end), newline);
      at = end + 1;
    }
    return new ConfText(lines, finish(), problems);
  }

  private ConfSection finish() {
    int last = Math.max(1, lines.size());
    while (open.size() > 1) {
      Open section = open.pop();
      number = section.line;
      if (!ended) {
        problem(
            "unbalanced-brace",
            true,
            "the section '" + quoted(section.path) + "' that begins here has no end",
            "corosync refuses the file: Missing closing brace",
            "add a line with '}' where it ends");
      }
      current().sections.add(section.close(last));
    }
    return open.pop().close(last);
  }

  private Open current() {
    return Objects.requireNonNull(open.peek());
  }

  private void add(String raw, boolean newline) {
    if (number == ConfText.MAX_LINES + 1 && !ended) {
      stop(
          "too-many-lines",
          "the file has more than " + ConfText.MAX_LINES + " lines",
          "give the path of a corosync.conf");
    }
    String content = stripped(raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw);
    if (ended) {
      lines.add(new ConfLine(number, Kind.BROKEN, raw, newline, "", ""));
      return;
    }
    if (raw.length() > ConfText.MAX_LINE) {
      problem(
          "line-too-long",
          false,
          "the line has " + raw.length() + " bytes",
          "corosync refuses lines of more than " + ConfText.MAX_LINE + " bytes, comments too",
          "make it shorter");
    }
    if (number == 1 && content.startsWith(BYTE_ORDER_MARK)) {
      problem(
          "byte-order-mark",
          false,
          "the file begins with a byte order mark",
          "corosync takes it for a part of the first line",
          "save the file as UTF-8 without a byte order mark");
      content = stripped(content.substring(BYTE_ORDER_MARK.length()));
    }
    lines.add(take(raw, newline, content));
    if (problems.size() >= ConfText.MAX_PROBLEMS) {
      ended = true;
    }
  }

  private ConfLine take(String raw, boolean newline, String content) {
    if (content.isEmpty()) {
      return new ConfLine(number, Kind.BLANK, raw, newline, "", "");
    }
    if (content.charAt(0) == '#') {
      return new ConfLine(number, Kind.COMMENT, raw, newline, "", "");
    }
    int brace = content.indexOf('{');
    if (brace >= 0) {
      return opening(raw, newline, content, brace);
    }
    int colon = content.indexOf(':');
    if (colon >= 0) {
      return entry(raw, newline, content, colon);
    }
    if (content.indexOf('}') >= 0) {
      return closing(raw, newline, content);
    }
    problem(
        "missing-colon",
        false,
        "'" + quoted(ConfLine.decoded(content)) + "' is neither a key with a value nor a section",
        "corosync refuses the file; a key has a colon after it, a section a '{' on the same line",
        "write KEY: VALUE or SECTION {, or put a # before it");
    return new ConfLine(number, Kind.BROKEN, raw, newline, "", "");
  }

  private ConfLine opening(String raw, boolean newline, String content, int brace) {
    String name = ConfLine.decoded(nameOf(content.substring(0, brace)));
    String rest = stripped(content.substring(brace + 1));
    boolean closesToo = rest.endsWith("}") && !rest.startsWith("#");
    if (name.isEmpty()) {
      problem(
          "brace-without-name",
          true,
          "the '{' has no name of a section before it",
          "corosync refuses the file: Missing section name before opening bracket",
          "write the name of the section and the '{' on one line");
    }
    if (!rest.isEmpty()) {
      problem(
          "extra-after-brace",
          !rest.startsWith("#"),
          "'" + quoted(ConfLine.decoded(rest)) + "' follows the '{'",
          "corosync refuses the file: Extra characters after opening bracket",
          rest.startsWith("#") ? MOVE_COMMENT : "begin a new line after the '{'");
    }
    if (!closesToo) {
      open.push(new Open(current().inner(name), number));
      if (open.size() > ConfText.MAX_DEPTH + 1) {
        stop(
            "too-deep",
            "sections are nested more than " + ConfText.MAX_DEPTH + " deep",
            "close the sections before this line");
      }
    }
    return new ConfLine(number, Kind.OPEN, raw, newline, name, "");
  }

  private ConfLine entry(String raw, boolean newline, String content, int colon) {
    String key = ConfLine.decoded(nameOf(content.substring(0, colon)));
    String value = ConfLine.decoded(stripped(content.substring(colon + 1)));
    checkKey(key);
    current().entries.add(new ConfEntry(number, key, value));
    return new ConfLine(number, Kind.ENTRY, raw, newline, key, value);
  }

  /** The paths of keys are names in corosync's map: cmap_keys(7), 3 to 255 of few letters. */
  private void checkKey(String key) {
    String path = current().inner(key);
    if (key.isEmpty()) {
      problem(
          "empty-key",
          false,
          "the colon has no key before it",
          "nobody can read such a value",
          "write KEY: VALUE, or put a # before it");
    } else if (!path.chars().allMatch(ConfParser::isNameLetter)) {
      problem(
          "bad-character",
          false,
          "the key '" + quoted(key) + "' has characters that keys cannot have",
          "corosync refuses the file; a key has letters, digits and . _ - / only, no blanks (nor "
              + "those of other alphabets)",
          "write the key in plain letters");
    } else if (path.length() < SHORTEST_PATH || path.length() > LONGEST_PATH) {
      problem(
          "bad-key-length",
          false,
          "the key '" + quoted(key) + "' is too " + (path.length() > 9 ? "long" : "short"),
          "corosync refuses the file; a key has 3 to 255 characters with the names of its sections",
          "correct the key");
    }
  }

  private ConfLine closing(String raw, boolean newline, String content) {
    if (!content.equals("}")) {
      problem(
          "extra-at-brace",
          false,
          "there is more than the '}' in this line",
          "corosync refuses the file: Extra characters before or after closing bracket",
          content.startsWith("}") ? MOVE_COMMENT : "write the '}' on a line of its own");
    }
    if (open.size() == 1) {
      problem(
          "unbalanced-brace",
          true,
          "this '}' ends no section",
          "corosync refuses the file: Unexpected closing brace",
          "remove it, or add the '{' that is missing before it");
    } else {
      Open section = open.pop();
      current().sections.add(section.close(number));
    }
    return new ConfLine(number, Kind.CLOSE, raw, newline, "", "");
  }

  private void stop(String key, String what, String remedy) {
    problem(key, true, what, "no corosync.conf is like that", remedy);
    ended = true;
  }

  private void problem(String key, boolean structural, String what, String why, String remedy) {
    problems.add(new SyntaxProblem(number, key, structural, what, why, remedy));
  }

  private static String quoted(String text) {
    return Quoted.of(text);
  }

  private static boolean isNameLetter(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "._-/:".indexOf(c) >= 0;
  }

  /** Without what corosync cuts off the end of names. */
  private static String nameOf(String text) {
    int end = text.length();
    while (end > 0 && " \t:{".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return stripped(text.substring(0, end));
  }

  /** Without the blanks and tabs around it; other white space stays, as it does in corosync. */
  private static String stripped(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && (text.charAt(start) == ' ' || text.charAt(start) == '\t')) {
      start++;
    }
    while (end > start && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
      end--;
    }
    return text.substring(start, end);
  }
}
