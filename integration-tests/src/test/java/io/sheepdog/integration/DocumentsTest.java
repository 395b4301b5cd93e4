package io.sheepdog.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents of the source tree name is there. */
@Timeout(60)
final class DocumentsTest {
  private static final Path ROOT = Repository.root();
  private static final Path GUIDE = ROOT.resolve("docs/guide.md");

  /** A test named as {@code ClassTest#method}. */
  private static final Pattern NAMED_TEST = Pattern.compile("`(\\w+(?:Test|IT))#(\\w+)`");

  /** A row without a test begins with one of these and goes on with the reason. */
  private static final Pattern REASON = Pattern.compile("^(?:Differs|Not Sheepdog's): .{10,}");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  static Stream<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(
          Stream.of("README.md", "README.ja.md", "CONTRIBUTING.md").map(ROOT::resolve),
          docs.filter(file -> file.toString().endsWith(".md")))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsToAFile(Path document) throws IOException {
    assertThat(LINK.matcher(Files.readString(document)).results())
        .extracting(link -> document.resolveSibling(link.group(1)))
        .allSatisfy(target -> assertThat(target).exists());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyNamedTestIsThere(Path document) throws IOException {
    TreeSet<String> missing = new TreeSet<>();
    for (MatchResult named : namedTests(Files.readString(document))) {
      if (!isThere(named.group(1), named.group(2))) {
        missing.add(named.group());
      }
    }

    assertThat(missing).isEmpty();
  }

  @Test
  void everySentenceOfTheGuideHasATestOrAReason() throws IOException {
    List<Row> rows = rows(Files.readString(GUIDE));

    assertThat(rows).hasSizeGreaterThan(50);
    assertThat(rows).extracting(Row::line).isSorted();
    assertThat(rows)
        .filteredOn(row -> !NAMED_TEST.matcher(row.today()).find())
        .filteredOn(row -> !REASON.matcher(row.today()).find())
        .isEmpty();
  }

  /** A sentence of the guide. */
  private record Row(int line, String sentence, String today) {}

  private static List<Row> rows(String guide) {
    List<Row> rows = new ArrayList<>();
    guide
        .lines()
        .filter(line -> line.matches("\\| *\\d.*"))
        .forEach(
            line -> {
              String[] cells = line.split(" *\\| *", -1);
              assertThat(cells).as(line).hasSize(5);
              rows.add(new Row(Integer.parseInt(cells[1]), cells[2], cells[3]));
            });
    return rows;
  }

  private static List<MatchResult> namedTests(String text) {
    return NAMED_TEST.matcher(text).results().toList();
  }

  /** Whether a class of that name in some module has a test of that name. */
  private static boolean isThere(String className, String method) throws IOException {
    Pattern test =
        Pattern.compile(
            "@(?:Test|ParameterizedTest)\\b(?:(?!\\n\\n).)*\\bvoid " + method + "\\(",
            Pattern.DOTALL);
    for (Path source : sources(className)) {
      if (test.matcher(Files.readString(source)).find()) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> sources(String className) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            files.filter(file -> file.endsWith(className + ".java")).forEach(found::add);
          }
        }
      }
    }
    return found;
  }
}
