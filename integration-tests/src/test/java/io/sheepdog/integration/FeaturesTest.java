package io.sheepdog.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code docs/features.md} leaves no feature of version 1.0 out, and says of each what proves it or
 * why it is not there. That the tests exist {@link DocumentsTest} sees to.
 */
@Timeout(60)
final class FeaturesTest {
  private static final Pattern ID =
      Pattern.compile("\\| *((?:VDI|SNAP|CLU|NODE|OPS|TOOL)-\\d+) .*");
  private static final Pattern NAMED_TEST = Pattern.compile("^`\\w+(?:Test|IT)#\\w+`.*");
  private static final Pattern REASON = Pattern.compile("^(?:Not yet|Without sense today): .{8,}");

  private static List<String> rows() throws IOException {
    return Files.readAllLines(Repository.root().resolve("docs/features.md")).stream()
        .filter(line -> ID.matcher(line).matches())
        .toList();
  }

  @Test
  void everyFeatureHasItsRow() throws IOException {
    try (InputStream in = FeaturesTest.class.getResourceAsStream("feature-ids.txt")) {
      String ids = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rows())
          .extracting(row -> row.split(" *\\| *", -1)[1])
          .containsExactlyElementsOf(ids.lines().toList());
    }
  }

  @Test
  void everyRowNamesATestOrAReason() throws IOException {
    for (String row : rows()) {
      String[] cells = row.split(" *\\| *", -1);
      assertThat(cells).as(row).hasSize(5);
      assertThat(NAMED_TEST.matcher(cells[3]).matches() || REASON.matcher(cells[3]).matches())
          .as(row)
          .isTrue();
    }
  }
}
