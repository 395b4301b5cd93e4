package io.sheepdog.core.sim.schedule;

import io.sheepdog.core.sim.client.Geometry;
import java.util.random.RandomGenerator;

/**
 * How large a world is.
 *
 * @param nodes 3..5
 * @param copies 1..3
 * @param geometry of every disk
 */
record WorldShape(int nodes, int copies, Geometry geometry) {
  static WorldShape draw(RandomGenerator random) {
    int objects = random.nextInt(2, 5);
    int blocksPerObject = 32 / objects / (random.nextBoolean() ? 1 : 2);
    int blockSize = 512 << random.nextInt(4);
    return new WorldShape(
        random.nextInt(3, 6),
        random.nextInt(8) == 0 ? 1 : random.nextInt(2, 4),
        new Geometry(objects, blocksPerObject, blockSize));
  }
}
