package io.sheepdog.corosyncconf.make;

import java.util.List;

/**
 * What became of a file.
 *
 * @param bytes the new file
 * @param changes everything that was dropped, changed or added, in the order of the old file
 */
public record Upgraded(byte[] bytes, List<Change> changes) {

  public Upgraded {
    bytes = bytes.clone();
    changes = List.copyOf(changes);
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * One change.
   *
   * @param line number of the line in the old file; 0 for what was added
   * @param what what was dropped, changed or added, and why
   */
  public record Change(int line, String what) {}
}
