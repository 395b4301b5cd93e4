package io.sheepdog.cli.bench;

import io.sheepdog.protocol.id.ObjectId;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which blocks are asked for, one after the other.
 *
 * @param kind what is done, and in which order
 * @param objects the objects, each full of data
 * @param objectSize bytes of each
 * @param block bytes of a request; divides an object's
 */
record Load(Kind kind, List<ObjectId> objects, long objectSize, int block) {
  /** The same blocks in each run. */
  private static final long SEED = 20100502;

  /** What can be measured. */
  enum Kind {
    /** New objects are made, from the first to the last, whole. */
    FILL("fill", true, false),
    /** Ascending, over what is there. */
    WRITE("write", true, false),
    /** Ascending. */
    READ("read", false, false),
    /** Any block, over what is there. */
    RANDOM_WRITE("randwrite", true, true),
    /** Any block. */
    RANDOM_READ("randread", false, true);

    private final String word;
    private final boolean write;
    private final boolean random;

    Kind(String word, boolean write, boolean random) {
      this.word = word;
      this.write = write;
      this.random = random;
    }

    String word() {
      return word;
    }

    boolean writes() {
      return write;
    }

    boolean isRandom() {
      return random;
    }
  }

  /**
   * Where a request goes.
   *
   * @param within bytes from the beginning of the object
   */
  record Place(ObjectId oid, long within) {}

  /** How many blocks there are. */
  long blocks() {
    return objects.size() * (objectSize / block);
  }

  /** A walk over the blocks, which never ends. */
  Walk walk() {
    return new Walk(this);
  }

  /** A walk over blocks. */
  static final class Walk {
    private final Load load;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private long next;

    private Walk(Load load) {
      this.load = load;
    }

    Place next() {
      long number =
          load.kind().isRandom() ? random.nextLong(load.blocks()) : next++ % load.blocks();
      long perObject = load.objectSize() / load.block();
      return new Place(
          load.objects().get((int) (number / perObject)), number % perObject * load.block());
    }
  }
}
