package io.sheepdog.integration.golden;

import java.util.List;
import java.util.regex.Pattern;

/** Values that no second run can repeat, each with what is still required of ours. */
final class Tolerances {
  private static final String PRESENT = "0x[1-9a-f].*";
  private static final String ANY = ".*";
  private static final String ZERO = "";

  /**
   * One kind of such values.
   *
   * @param name what they are
   * @param field pattern of the fields that hold them
   * @param upstream pattern of the recorded value
   * @param ours pattern our value must match
   */
  private record Tolerance(String name, Pattern field, Pattern upstream, Pattern ours) {
    Tolerance(String name, String field, String upstream, String ours) {
      this(name, Pattern.compile(field), Pattern.compile(upstream), Pattern.compile(ours));
    }

    boolean covers(Difference difference) {
      return field.matcher(difference.field()).matches()
          && upstream.matcher(difference.upstream()).matches()
          && ours.matcher(difference.ours()).matches();
    }
  }

  private static final List<Tolerance> ALL =
      List.of(
          new Tolerance(
              "times of day",
              "create_time|snap_ctime|ctime|(epoch\\[\\d+]\\.)?c?time",
              PRESENT,
              PRESENT),
          // creation time of the image in an attribute, in front of the other fields
          new Tolerance(
              "times of day in attributes", "data@512", "[0-9a-f]{16}0+2?", "[0-9a-f]{16}0+2?"),
          new Tolerance("space of the disks", "store_size|store_free|.*\\.space", PRESENT, PRESENT),
          new Tolerance(
              "pointers in the memory of the recorded daemon", ".*\\.pointers", ANY, ZERO),
          new Tolerance(
              "request counters since the start of the daemon", "counters@\\d+", ANY, ANY));

  private Tolerances() {}

  static boolean cover(Difference difference) {
    return ALL.stream().anyMatch(tolerance -> tolerance.covers(difference));
  }
}
