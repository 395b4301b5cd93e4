package io.sheepdog.protocol.placement;

import io.sheepdog.protocol.id.Fnv;
import java.nio.charset.StandardCharsets;

/**
 * One disk of a node.
 *
 * @param path absolute path of the directory as configured, without a trailing slash
 * @param space bytes that the disk counts for, at least 0
 */
public record Disk(String path, long space) {
  /** Checks the space. */
  public Disk {
    if (space < 0) {
      throw new IllegalArgumentException("Disk " + path + " has a negative space: " + space);
    }
  }

  /** Id of the disk: double hash of the path. */
  public long id() {
    return Fnv.doubleHash(path.getBytes(StandardCharsets.UTF_8));
  }
}
