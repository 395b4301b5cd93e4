package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes the copies of an object the same, block by block: what the majority has is given to the
 * others; without a majority, what the first home has. What a home knows to be damaged has no vote.
 *
 * <p>Every read and every write is carried out only on a copy that is as it was when it was summed
 * up, so a client's write that comes in between is never undone: see {@link CopyComparison}.
 */
final class CopyRepair {
  /** A multiple of the blocks of any object: only whole ones are given. */
  private static final int PIECE = 4 << 20;

  private static final int NOBODY = -1;

  private final VersionedPieces pieces;
  private final ObjectId oid;
  private final Epoch epoch;
  private final List<Copy> copies;
  private final int blocks;

  /** The copy that counts wherever it can be trusted, {@link #NOBODY} if there is none such. */
  private final int preferred;

  /** Whether there is a block of which no copy can be trusted. */
  private boolean isHopeless;

  private final CompletableFuture<Result> result = new CompletableFuture<>();

  /** How it ended. */
  enum Result {
    /** All copies were given what they lacked. */
    DONE,
    /** A home has no room for what it was to get; it is known now, so begin anew. */
    NO_ROOM,
    /** Something has changed: to be tried again later. */
    LATER,
    /** A home cannot be given what counts, or no copy can be trusted. */
    IMPOSSIBLE
  }

  /** A home's copy. */
  static final class Copy {
    private final NodeAddress home;
    private final ObjectDigest digest;
    private final long incarnation;
    private long version;

    /** Blocks for which there is no room at this home, as earlier rounds have shown. */
    private final BitSet noRoom;

    /** Per block, the copy whose bytes of before are there now. */
    private final int[] content;

    private boolean isRepaired;

    Copy(int index, NodeAddress home, Digests.Answer answer, ObjectDigest digest, BitSet noRoom) {
      this.home = home;
      this.digest = digest;
      this.incarnation = answer.incarnation();
      this.version = answer.version();
      this.noRoom = noRoom;
      content = new int[digest.blocks()];
      java.util.Arrays.fill(content, index);
    }

    NodeAddress home() {
      return home;
    }

    /** Whether it was given something. */
    boolean isRepaired() {
      return isRepaired;
    }
  }

  CopyRepair(VersionedPieces pieces, ObjectId oid, Epoch epoch, List<Copy> copies) {
    this(pieces, oid, epoch, copies, NOBODY);
  }

  /** One in which the copy of that index counts, whatever the majority has. */
  CopyRepair(VersionedPieces pieces, ObjectId oid, Epoch epoch, List<Copy> copies, int preferred) {
    this.preferred = preferred;
    this.pieces = pieces;
    this.oid = oid;
    this.epoch = epoch;
    this.copies = copies;
    blocks = copies.get(0).digest.blocks();
  }

  /** Number of blocks in which copies differ. */
  int differing() {
    int differing = 0;
    for (int block = 0; block < blocks; block++) {
      differing += isSame(block) ? 0 : 1;
    }
    return differing;
  }

  /** Offset of the first byte of the first such block; the size of the object if there is none. */
  long firstDifference() {
    int block = 0;
    while (block < blocks && isSame(block)) {
      block++;
    }
    return copies.get(0).digest.offset(block);
  }

  CompletionStage<Result> run() {
    next(0);
    return result;
  }

  private boolean isSame(int block) {
    for (int i = 0; i < copies.size(); i++) {
      if (!isSame(block, 0, i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSame(int block, int one, int other) {
    int a = copies.get(one).content[block];
    int b = copies.get(other).content[block];
    return copies.get(a).digest.isSame(block, copies.get(b).digest);
  }

  /** Whether a copy's bytes of a block may count: nothing is known against them. */
  private boolean isTrusted(int block, int copy) {
    return isSame(block, copy, copy);
  }

  /** Whose bytes of a block count; {@link #NOBODY} if none can be trusted. */
  private int choose(int block) {
    // what was written there last has failed for want of room, and has to go from the others
    for (int i = 0; i < copies.size(); i++) {
      if (copies.get(i).noRoom.get(block) && isTrusted(block, i)) {
        return i;
      }
    }
    if (preferred != NOBODY && isTrusted(block, preferred)) {
      return preferred;
    }
    int voters = 0;
    int first = NOBODY;
    for (int i = copies.size() - 1; i >= 0; i--) {
      if (isTrusted(block, i)) {
        voters++;
        first = i;
      }
    }
    for (int i = 0; i < copies.size(); i++) {
      int votes = 0;
      for (int j = 0; j < copies.size(); j++) {
        votes += isSame(block, i, j) ? 1 : 0;
      }
      if (2 * votes > voters) {
        return i;
      }
    }
    return first;
  }

  private List<Integer> targets(int block, int source) {
    List<Integer> targets = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      if (!isSame(block, i, source)) {
        targets.add(i);
      }
    }
    return targets;
  }

  /**
   * Goes on with the first block from there on that differs, and those behind it that are alike.
   */
  private void next(int first) {
    int block = first;
    while (block < blocks && isSame(block)) {
      block++;
    }
    if (block == blocks) {
      result.complete(isHopeless ? Result.IMPOSSIBLE : Result.DONE);
      return;
    }
    int source = choose(block);
    if (source == NOBODY) {
      isHopeless = true;
      next(block + 1);
      return;
    }
    List<Integer> targets = targets(block, source);
    int end = block + 1;
    while (end < blocks
        && !isSame(end)
        && choose(end) == source
        && targets(end, source).equals(targets)) {
      end++;
    }
    ObjectDigest digest = copies.get(source).digest;
    give(new Run(source, targets, block, end), digest.offset(block), digest.offset(end));
  }

  /** Blocks {@code first} to {@code end - 1}, of one copy, for others. */
  private record Run(int source, List<Integer> targets, int first, int end) {}

  private void give(Run run, long from, long to) {
    if (from == to) {
      for (int target : run.targets()) {
        Copy copy = copies.get(target);
        copy.isRepaired = true;
        for (int block = run.first(); block < run.end(); block++) {
          copy.content[block] = copies.get(run.source()).content[block];
        }
      }
      next(run.end());
      return;
    }
    int length = (int) Math.min(PIECE, to - from);
    pieces
        .read(version(run.source()), from, length)
        .whenComplete(
            (piece, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (piece.code() != ResultCode.SUCCESS) {
                result.complete(Result.LATER);
              } else {
                tell(run, from, piece.data(), () -> give(run, from + length, to));
                piece.data().release();
              }
            });
  }

  private VersionedPieces.Version version(int index) {
    Copy copy = copies.get(index);
    return new VersionedPieces.Version(copy.home, oid, epoch, copy.incarnation, copy.version);
  }

  private void tell(Run run, long offset, ByteBuf data, Runnable then) {
    List<CompletableFuture<VersionedPieces.Patched>> patches = new ArrayList<>();
    for (int target : run.targets()) {
      patches.add(pieces.patch(version(target), offset, data).toCompletableFuture());
    }
    CompletableFuture.allOf(patches.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (all, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                judge(run, patches.stream().map(CompletableFuture::join).toList(), then);
              }
            });
  }

  private void judge(Run run, List<VersionedPieces.Patched> patched, Runnable then) {
    Result worst = Result.DONE;
    for (int i = 0; i < patched.size(); i++) {
      Copy target = copies.get(run.targets().get(i));
      VersionedPieces.Patched patch = patched.get(i);
      Result one =
          switch (patch.code()) {
            case SUCCESS -> Result.DONE;
            case NO_SPACE -> noRoom(run, target);
            case EIO -> Result.IMPOSSIBLE;
            default -> Result.LATER;
          };
      if (one == Result.DONE) {
        target.version = patch.version();
      } else if (one.compareTo(worst) > 0) {
        worst = one;
      }
    }
    if (worst == Result.DONE) {
      then.run();
    } else {
      result.complete(worst);
    }
  }

  private Result noRoom(Run run, Copy target) {
    boolean isKnown = target.noRoom.get(run.first());
    target.noRoom.set(run.first(), run.end());
    return isKnown ? Result.IMPOSSIBLE : Result.NO_ROOM;
  }
}
