package io.sheepdog.corosyncconf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.corosyncconf.Files;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is read from a file, and the bounds of what is read. */
@Timeout(60)
final class ConfTextTest {
  @TempDir private Path directory;

  @Test
  void everyKeyHasItsLineAndTheWholeOfItsValue() {
    ConfText text = ConfText.parse(Files.guide());

    assertThat(text.problems()).isEmpty();
    assertThat(text.entry("", "compatibility"))
        .isEqualTo(new ConfEntry(2, "compatibility", "whitetank"));
    assertThat(text.entry("totem.interface", "bindnetaddr"))
        .isEqualTo(new ConfEntry(10, "bindnetaddr", "192.50.109.182 # クラスタ環境の構築に利用するIPアドレス"));
    assertThat(text.sections("logging.logger_subsys"))
        .singleElement()
        .satisfies(section -> assertThat(section.first()).isEqualTo(24))
        .satisfies(section -> assertThat(section.last()).isEqualTo(27));
  }

  @Test
  void theLastValueOfAllSectionsOfANameCounts() {
    ConfText text = parse("totem {\n token: 1\n token: 2\n}\ntotem {\n token: 3\n}\ntotem {\n}\n");

    assertThat(text.value("totem", "token")).isEqualTo("3");
    assertThat(text.value("totem", "hold")).isNull();
  }

  @Test
  void whiteSpaceAndColonsAreReadAsCorosyncReadsThem() {
    ConfText text = parse("totem: \t{\n\tkey :\t a b \t\r\n}");

    assertThat(text.problems()).isEmpty();
    assertThat(text.value("totem", "key")).isEqualTo("a b");
  }

  @Test
  void aFileThatEndsInTheMiddleOfALineIsReadToItsEnd() {
    assertThat(parse("token: 5").value("", "token")).isEqualTo("5");
  }

  @Test
  void rubbishEndsAfterFiftyProblems() {
    ConfText text = parse("rubbish\n".repeat(10_000));

    assertThat(text.problems()).hasSize(ConfText.MAX_PROBLEMS);
    assertThat(text.toBytes()).hasSize(80_000);
  }

  @Test
  void moreLinesThanAnyFileHasAreOneProblem() {
    ConfText text = parse("\n".repeat(100_000));

    assertThat(text.problems()).extracting(SyntaxProblem::key).containsExactly("too-many-lines");
    assertThat(text.problems().get(0).line()).isEqualTo(ConfText.MAX_LINES + 1);
  }

  @Test
  void openBracesWithoutEndAreBounded() {
    ConfText text = parse("a {\n".repeat(200_000));

    assertThat(text.isBroken()).isTrue();
    assertThat(text.problems()).extracting(SyntaxProblem::key).containsExactly("too-deep");
  }

  @Test
  void aFileOfAHundredMegabytesIsRefusedWithoutReadingIt() throws IOException {
    Path file = directory.resolve("large.conf");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(100L << 20);
    }

    assertThatThrownBy(() -> ConfText.read(file))
        .isInstanceOf(UnreadableConfException.class)
        .hasMessageContaining("more than 1048576 bytes");
  }

  @Test
  void aFileThatIsNotThereAndADirectoryAreNamed() {
    assertThatThrownBy(() -> ConfText.read(directory.resolve("none")))
        .isInstanceOf(UnreadableConfException.class)
        .hasMessageContaining("there is no such file");
    assertThatThrownBy(() -> ConfText.read(directory))
        .isInstanceOf(UnreadableConfException.class)
        .hasMessageStartingWith("cannot read " + directory);
  }

  @Test
  void quotedPartsAreShortAndHarmless() {
    assertThat(Quoted.of("a\033[2Jb")).isEqualTo("a\\x1b[2Jb");
    assertThat(Quoted.of("x".repeat(100))).isEqualTo("x".repeat(60) + "...");
  }

  @Test
  void editsKeepIndentationAndLineEnds() {
    ConfText text = parse("a: 1\r\n\tb: 2\r\nc: 3");
    LineEdits edits = new LineEdits(text);

    edits.drop(1, 1);
    edits.replace(2, List.of("# two", "b: 4"));
    edits.append(List.of("d: 5"));

    assertThat(new String(edits.apply(), StandardCharsets.UTF_8))
        .isEqualTo("\t# two\r\n\tb: 4\r\nc: 3\r\n\r\nd: 5\r\n");
  }

  private static ConfText parse(String text) {
    return ConfText.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
