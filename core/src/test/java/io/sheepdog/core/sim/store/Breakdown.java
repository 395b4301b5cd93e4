package io.sheepdog.core.sim.store;

import io.sheepdog.protocol.id.ObjectId;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated disk breaks down: one operation meets the first error, whatever is under way then
 * fails, and nothing is changed any more. What was hit may be done or not, and what was not synced
 * may have vanished from the page cache.
 */
final class Breakdown {
  private final RandomGenerator random;
  private final Set<ObjectId> harmed = new HashSet<>();
  private boolean broken;
  private @Nullable String failure;
  private Runnable listener = () -> {};

  Breakdown(RandomGenerator random) {
    this.random = random;
  }

  void begin() {
    broken = true;
  }

  @Nullable String failure() {
    return failure;
  }

  void onFailure(Runnable newListener) {
    listener = newListener;
  }

  /** Whether changes are refused without a try. */
  boolean refuses() {
    return failure != null;
  }

  /** Whether an operation on an object meets the error: one that changes it always does. */
  boolean hits(ObjectId oid, boolean isChange) {
    if (!broken || (!isChange && random.nextBoolean())) {
      return false;
    }
    harmed.add(oid);
    if (failure == null) {
      failure = "simulated error of " + oid;
      listener.run();
    }
    return true;
  }

  /** Whether an object cannot be read any more. */
  boolean hasHarmed(ObjectId oid) {
    return harmed.contains(oid);
  }

  boolean coin() {
    return random.nextBoolean();
  }
}
