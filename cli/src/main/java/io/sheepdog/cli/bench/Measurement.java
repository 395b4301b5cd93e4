package io.sheepdog.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.bench.Load.Kind;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/** Keeps requests under way over one connection, as a machine with one disk does. */
final class Measurement {
  private static final int DIGITS = 3;
  private static final int MICRO = 1000;

  private final Remote remote;
  private final int copies;
  private final int depth;
  private final boolean writeback;

  /**
   * @param copies of the image
   * @param depth requests under way, at least 1
   * @param writeback whether nodes may keep written data in memory
   */
  Measurement(Remote remote, int copies, int depth, boolean writeback) {
    this.remote = remote;
    this.copies = copies;
    this.depth = depth;
    this.writeback = writeback;
  }

  private record Sent(Load.Place place, long at) {}

  /**
   * Measures.
   *
   * @param nanos for how long requests are sent
   * @param most how many are sent at most
   */
  Figures run(Load load, long nanos, long most) throws CommandFailure {
    Histogram micros = new Histogram(DIGITS);
    Map<Integer, Sent> underWay = new HashMap<>();
    Load.Walk walk = load.walk();
    ByteBuf data = load.kind().writes() ? noise(load.block()) : Unpooled.EMPTY_BUFFER;
    long begin = System.nanoTime();
    long sent = 0;
    while (true) {
      while (underWay.size() < depth && sent < most && System.nanoTime() - begin < nanos) {
        Load.Place place = walk.next();
        Sent now = new Sent(place, System.nanoTime());
        underWay.put(remote.submit(request(load, place), data), now);
        sent++;
      }
      if (underWay.isEmpty()) {
        break;
      }
      int ticket = remote.awaitAny();
      Response response = remote.await(ticket);
      Sent answered = underWay.remove(ticket);
      if (answered == null || !response.isSuccess()) {
        throw new CommandFailure(
            1,
            "Failed to "
                + (load.kind().writes() ? "write" : "read")
                + " object "
                + (answered == null ? "" : answered.place().oid())
                + ": "
                + remote.text(response));
      }
      micros.recordValue((System.nanoTime() - answered.at()) / MICRO);
    }
    return new Figures(load, depth, System.nanoTime() - begin, micros);
  }

  private Request request(Load load, Load.Place place) {
    ObjectBody body = ObjectBody.of(place.oid(), place.within(), copies);
    if (!load.kind().writes()) {
      return Request.of(Opcode.READ_OBJ, RequestFlags.DIRECT, load.block(), body);
    }
    int flags = RequestFlags.WRITE | (writeback ? RequestFlags.CACHE : RequestFlags.DIRECT);
    Opcode opcode = load.kind() == Kind.FILL ? Opcode.CREATE_AND_WRITE_OBJ : Opcode.WRITE_OBJ;
    return Request.of(opcode, flags, load.block(), body);
  }

  /** Bytes that no store can make smaller. */
  private static ByteBuf noise(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(1).nextBytes(bytes);
    return Unpooled.wrappedBuffer(bytes);
  }
}
