package io.sheepdog.integration.power;

import io.sheepdog.integration.nbd.RawNbd;
import io.sheepdog.integration.power.Promises.Place;
import io.sheepdog.integration.power.Promises.Write;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * A client that writes a VDI by NBD, with and without FUA, flushes now and then, and notes what it
 * is told. One thread.
 */
final class NbdPowerClient implements AutoCloseable {
  private static final int OBJECTS = 4;
  private static final int BLOCKS = 6;
  private static final long OBJECT = 4 << 20;

  private final RawNbd connection;
  private final VdiId vid;
  private final Promises promises;
  private final LongSupplier position;
  private final Random random;
  private final List<Write> unflushed = new ArrayList<>();

  /**
   * Connects.
   *
   * @param store of the daemon
   * @param vdi name of a VDI that nobody else writes
   * @param vid its id
   * @param position how far the disk's log has grown
   */
  NbdPowerClient(
      Path store, String vdi, VdiId vid, Promises promises, LongSupplier position, long seed)
      throws IOException {
    this.vid = vid;
    this.promises = promises;
    this.position = position;
    this.random = new Random(seed);
    this.connection = RawNbd.open(store, vdi);
  }

  void work(int operations) throws IOException {
    for (int done = 0; done < operations; done++) {
      if (random.nextInt(6) == 0) {
        flush();
      } else {
        write(random.nextInt(3) == 0 ? RawNbd.FUA : 0);
      }
    }
  }

  private void write(int flags) throws IOException {
    int object = random.nextInt(OBJECTS);
    Place place = new Place(ObjectId.data(vid, object), random.nextInt(BLOCKS));
    long offset = object * OBJECT + place.offset();
    boolean zeros = random.nextInt(8) == 0;
    Write write = zeros ? promises.sendingZeros(place) : promises.sending(place);
    ByteBuffer data = ByteBuffer.allocate(zeros ? 0 : Promises.BLOCK);
    while (data.hasRemaining()) {
      data.putLong(Promises.mark(write));
    }
    int command = zeros ? RawNbd.WRITE_ZEROES : RawNbd.WRITE;
    succeeds(connection.call(flags, command, offset, Promises.BLOCK, data.array()));
    promises.answered(write, flags == RawNbd.FUA, position.getAsLong());
    unflushed.add(write);
  }

  private void flush() throws IOException {
    succeeds(connection.call(0, RawNbd.FLUSH, 0, 0, new byte[0]));
    promises.flushed(unflushed, position.getAsLong());
    unflushed.clear();
  }

  private static void succeeds(int error) {
    if (error != 0) {
      throw new AssertionError("a request was answered with error " + error);
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
