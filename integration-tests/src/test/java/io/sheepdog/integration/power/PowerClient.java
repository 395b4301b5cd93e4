package io.sheepdog.integration.power;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.ToolConnection;
import io.sheepdog.client.ToolOptions;
import io.sheepdog.integration.power.Promises.Place;
import io.sheepdog.integration.power.Promises.Write;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * A client that creates objects of a VDI, writes blocks of them again and again, with and without
 * the CACHE flag, flushes now and then, and notes what it is told. One thread.
 */
final class PowerClient implements AutoCloseable {
  private static final int OBJECTS = 4;
  private static final int BLOCKS = 6;

  private final ToolConnection sheep;
  private final VdiId vid;
  private final Promises promises;
  private final LongSupplier position;
  private final Random random;
  private final Set<ObjectId> created = new HashSet<>();
  private final List<Write> unflushed = new ArrayList<>();

  /**
   * Connects.
   *
   * @param vid of a VDI that nobody else writes
   * @param position how far the disk's log has grown
   */
  PowerClient(Endpoint endpoint, VdiId vid, Promises promises, LongSupplier position, long seed)
      throws ClientException {
    this.sheep = ToolConnection.open(endpoint, ToolOptions.DEFAULTS);
    this.vid = vid;
    this.promises = promises;
    this.position = position;
    this.random = new Random(seed);
  }

  void work(int operations) throws ClientException {
    for (int done = 0; done < operations; done++) {
      ObjectId oid = ObjectId.data(vid, random.nextInt(OBJECTS));
      if (random.nextInt(6) == 0) {
        flush();
      } else if (created.add(oid)) {
        write(Opcode.CREATE_AND_WRITE_OBJ, new Place(oid, 0), RequestFlags.NONE);
      } else {
        int cache = random.nextBoolean() ? RequestFlags.CACHE : RequestFlags.NONE;
        write(Opcode.WRITE_OBJ, new Place(oid, random.nextInt(BLOCKS)), cache);
      }
    }
  }

  private void write(Opcode opcode, Place place, int flags) throws ClientException {
    Write write = promises.sending(place);
    ByteBuf data = Unpooled.buffer(Promises.BLOCK);
    while (data.isWritable(Long.BYTES)) {
      data.writeLong(Promises.mark(write));
    }
    call(
        Request.of(
            opcode,
            RequestFlags.WRITE | flags,
            Promises.BLOCK,
            ObjectBody.of(place.oid(), place.offset(), 1)),
        data);
    promises.answered(write, flags == RequestFlags.NONE, position.getAsLong());
    unflushed.add(write);
  }

  private void flush() throws ClientException {
    ObjectBody body = ObjectBody.of(ObjectId.inode(vid), 0);
    call(Request.of(Opcode.FLUSH_VDI, body), Unpooled.EMPTY_BUFFER);
    promises.flushed(unflushed, position.getAsLong());
    unflushed.clear();
  }

  private void call(Request request, ByteBuf payload) throws ClientException {
    Reply reply = sheep.call(request, payload);
    ResultCode result = reply.header().resultCode();
    reply.release();
    if (result != ResultCode.SUCCESS) {
      throw new AssertionError(request + " was answered " + result);
    }
  }

  @Override
  public void close() {
    sheep.close();
  }
}
