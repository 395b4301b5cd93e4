package io.sheepdog.core.sim.check;

import io.sheepdog.protocol.id.VdiId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that a client was told exists: its contents are those of one moment between request
 * and reply, and never change (R11).
 */
public final class SnapshotRecord {
  private final DiskHistory disk;
  private final String tag;
  private final VdiId vid;
  private final long requested;
  private final long replied;
  private final Violations violations;
  private long @Nullable [] contents;

  /** The times are simulated nanoseconds. */
  public SnapshotRecord(
      DiskHistory disk,
      String tag,
      VdiId vid,
      long requested,
      long replied,
      Violations violations) {
    this.disk = disk;
    this.tag = tag;
    this.vid = vid;
    this.requested = requested;
    this.replied = replied;
    this.violations = violations;
  }

  /** Its name. */
  public String tag() {
    return tag;
  }

  /** The vid that became the snapshot. */
  public VdiId vid() {
    return vid;
  }

  /** The working VDI that it is of. */
  public DiskHistory disk() {
    return disk;
  }

  /** Its contents as first read; null before. */
  public long @Nullable [] contents() {
    return contents;
  }

  /** Somebody has read all of it. */
  public void read(long[] values) {
    if (contents == null) {
      contents = values.clone();
      String problem = disk.explainSnapshot(values, requested, replied);
      if (problem != null) {
        violations.report("R11", this + " holds " + Arrays.toString(values) + ": " + problem);
      }
      return;
    }
    for (int block = 0; block < values.length; block++) {
      if (values[block] != contents[block]) {
        violations.report(
            "R11",
            this + " changed from " + Arrays.toString(contents) + " to " + Arrays.toString(values));
        return;
      }
    }
  }

  @Override
  public String toString() {
    return "snapshot " + tag + " of " + disk;
  }
}
