package io.sheepdog.protocol.testdata;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The published placement and hash vectors. */
public final class PlacementVectors {
  private PlacementVectors() {}

  /** Reads {@code placement-vectors.json}. */
  public static JsonTree load() {
    try (InputStream in =
        Objects.requireNonNull(
            PlacementVectors.class.getResourceAsStream("/placement-vectors.json"))) {
      return JsonTree.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
