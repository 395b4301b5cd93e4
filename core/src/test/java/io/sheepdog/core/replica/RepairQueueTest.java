package io.sheepdog.core.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepairQueueTest {
  private static final int PARALLEL = 16;

  private final List<ObjectId> begun = new ArrayList<>();
  private final RepairQueue queue = new RepairQueue(begun::add);

  private static ObjectId object(int index) {
    return ObjectId.data(new VdiId(1), index);
  }

  private void fill(int objects) {
    for (int index = 0; index < objects; index++) {
      queue.add(object(index));
    }
  }

  @Test
  void aFewAreRepairedAtATimeInAscendingOrder() {
    fill(100);
    assertThat(begun).hasSize(PARALLEL).isSorted();
    for (int ended = 1; ended <= 100; ended++) {
      queue.ended();
    }
    assertThat(begun).hasSize(100).isSorted();
  }

  @Test
  void whatSomebodyWaitsForComesNext() {
    fill(100);
    queue.hurry(object(90));
    queue.hurry(object(80));
    queue.ended();
    queue.ended();
    assertThat(begun.subList(PARALLEL, PARALLEL + 2)).containsExactly(object(90), object(80));
  }

  @Test
  void nothingIsRepairedTwice() {
    fill(2);
    fill(2);
    queue.hurry(object(0));
    assertThat(begun).containsExactly(object(0), object(1));
  }

  @Test
  void whatIsNotToBeRepairedHereIsNot() {
    queue.hurry(object(7));
    assertThat(begun).isEmpty();
  }
}
