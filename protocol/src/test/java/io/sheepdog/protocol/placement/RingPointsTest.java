package io.sheepdog.protocol.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RingPointsTest {
  private record Point(long position, int owner) {}

  @Test
  void pointsComeInUnsignedOrderAndEqualOnesInTheOrderOfAdding() {
    Random random = new Random(64);
    for (int round = 0; round < 200; round++) {
      RingPoints points = new RingPoints();
      List<Point> expected = new ArrayList<>();
      for (int owner = 0; owner < random.nextInt(600); owner++) {
        // Few different positions on both sides of the sign, so that many are equal.
        long position = random.nextInt(-20, 20) * 0x0400000000000001L;
        points.add(position, owner);
        expected.add(new Point(position, owner));
      }
      expected.sort(Comparator.comparing(Point::position, Long::compareUnsigned));
      RingPoints.Sorted sorted = points.sort();
      List<Point> actual = new ArrayList<>();
      for (int i = 0; i < sorted.size(); i++) {
        actual.add(new Point(sorted.position(i), sorted.owner(i)));
      }
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void theFirstPointAtOrAfterAHashWrapsAround() {
    RingPoints points = new RingPoints();
    points.add(-5, 0);
    points.add(10, 1);
    points.add(20, 2);
    RingPoints.Sorted sorted = points.sort();
    assertThat(sorted.owner(sorted.firstAtOrAfter(0))).isEqualTo(1);
    assertThat(sorted.owner(sorted.firstAtOrAfter(10))).isEqualTo(1);
    assertThat(sorted.owner(sorted.firstAtOrAfter(11))).isEqualTo(2);
    assertThat(sorted.owner(sorted.firstAtOrAfter(21))).isEqualTo(0);
    assertThat(sorted.owner(sorted.firstAtOrAfter(-5))).isEqualTo(0);
    assertThat(sorted.owner(sorted.firstAtOrAfter(-4))).isEqualTo(1);
  }
}
