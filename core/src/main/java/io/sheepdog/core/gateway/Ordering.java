package io.sheepdog.core.gateway;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The order of changes at this gateway.
 *
 * <p>Two kinds of claims, always taken in this sequence: on numbers of the index table, by
 * creations of the objects of those numbers and by writes of those entries (R7: the object is
 * durable before an entry names it; and a discarded object is gone before one of the same name is
 * created); then on bytes of an object.
 */
final class Ordering {
  private final WritePolicy policy;
  private final ClaimQueue<VdiId> numbers = new ClaimQueue<>();
  private final ClaimQueue<ObjectId> objects = new ClaimQueue<>();

  Ordering(WritePolicy policy) {
    this.policy = policy;
  }

  /** Runs a change of some bytes of an object. */
  <T> CompletionStage<T> bytes(
      ObjectId oid, long offset, long length, Supplier<CompletionStage<T>> change) {
    return objects.run(oid, offset, offset + length, change);
  }

  /** Runs a change of an object as a whole. */
  <T> CompletionStage<T> whole(ObjectId oid, Supplier<CompletionStage<T>> change) {
    return objects.run(oid, 0, Long.MAX_VALUE, change);
  }

  /** Runs the creation of a data or VM state object. */
  <T> CompletionStage<T> creation(ObjectId oid, Supplier<CompletionStage<T>> change) {
    return switch (oid.kind()) {
      case DATA -> numbers.run(oid.vid(), oid.index(), oid.index() + 1, () -> whole(oid, change));
      default -> whole(oid, change);
    };
  }

  /** Runs a write of index entries {@code first} to {@code end - 1} of a VDI. */
  <T> CompletionStage<T> entries(
      VdiId vid, long first, long end, Supplier<CompletionStage<T>> change) {
    return policy.indexWaitsForObjects() ? numbers.run(vid, first, end, change) : change.get();
  }
}
