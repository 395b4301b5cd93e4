package io.sheepdog.core.gateway;

import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The order of changes at this gateway.
 *
 * <p>There are two kinds of claims: on bytes of an object, by whatever changes them; and on numbers
 * of the index table, by writes of these entries and by creations of the objects of these numbers
 * (R7: the object is durable before an entry names it; and a discarded object is gone before one of
 * the same name is created). A creation takes its place among the changes of its object when it
 * comes, but starts only when it has its number; a removal that a write of index entries leads to
 * therefore goes before all that waits.
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
    return objects.enter(oid, offset, offset + length).run(change);
  }

  /**
   * Asks a replica for some bytes of an object. Not while a change of them is under way: the
   * replica may have it already, and others never get it. What comes later does not matter, because
   * replicas carry out what they are asked for in that order.
   */
  <T> CompletionStage<T> read(
      ObjectId oid, long offset, long length, Supplier<CompletionStage<T>> read) {
    return policy.readsWaitForWrites()
        ? objects.share(oid, offset, offset + length, read)
        : read.get();
  }

  /** Runs the removal of an object that is not named any more. */
  <T> CompletionStage<T> removal(ObjectId oid, Supplier<CompletionStage<T>> change) {
    return objects.enterFirst(oid, 0, Long.MAX_VALUE).run(change);
  }

  /** Runs the creation of an object. */
  <T> CompletionStage<T> creation(ObjectId oid, Supplier<CompletionStage<T>> change) {
    ClaimQueue<ObjectId>.Claim whole = objects.enter(oid, 0, Long.MAX_VALUE);
    return oid.kind() == ObjectKind.DATA
        ? numbers.enter(oid.vid(), oid.index(), oid.index() + 1).run(() -> whole.run(change))
        : whole.run(change);
  }

  /** Runs a write of index entries {@code first} to {@code end - 1} of a VDI. */
  <T> CompletionStage<T> entries(
      VdiId vid, long first, long end, Supplier<CompletionStage<T>> change) {
    return policy.indexWaitsForObjects()
        ? numbers.enter(vid, first, end).run(change)
        : change.get();
  }
}
