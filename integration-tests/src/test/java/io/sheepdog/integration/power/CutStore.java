package io.sheepdog.integration.power;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.client.ClientException;
import io.sheepdog.client.Endpoint;
import io.sheepdog.client.ToolConnection;
import io.sheepdog.client.ToolOptions;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.daemon.store.FileStore;
import io.sheepdog.daemon.store.StoreOpenException;
import io.sheepdog.daemon.store.StoreOptions;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.power.Promises.Place;
import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Shell;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A store after a power cut, compared with what had been promised before. */
final class CutStore {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path store;
  private final Promises promises;
  private final long cut;

  /**
   * A store.
   *
   * @param store its directory, on a file system that was mounted after the cut
   * @param cut position in the log of writes from which on nothing reached the disk for sure
   */
  CutStore(Path store, Promises promises, long cut) {
    this.store = store;
    this.promises = promises;
    this.cut = cut;
  }

  private interface Reader {
    /** Bytes of an object, null if there is no such object. The caller releases them. */
    @Nullable ByteBuf read(ObjectId oid, long offset, int length) throws IOException;
  }

  /** Runs completions at once, on the store's threads, one at a time. */
  private static final class DirectLoop implements Executor {
    @Override
    public synchronized void execute(Runnable task) {
      task.run();
    }
  }

  /** Opens it as a daemon does, in this process. */
  @Nullable String objection() throws IOException {
    StoreOptions options = StoreOptions.defaults().withNosync(true);
    try (FileStore opened = FileStore.open(store, options, new DirectLoop())) {
      if (promises.formattedBefore(cut)
          && (opened.meta().config() == null || opened.meta().epochs().isEmpty())) {
        return "the cluster or its first epoch is forgotten";
      }
      return objectionToBlocks((oid, offset, length) -> read(opened, oid, offset, length));
    } catch (StoreOpenException e) {
      return "the store does not open: " + e.getMessage();
    }
  }

  private static @Nullable ByteBuf read(FileStore opened, ObjectId oid, long offset, int length)
      throws IOException {
    if (!opened.objects().holds(oid)) {
      return null;
    }
    if (oid.kind() == ObjectKind.DATA && !opened.objects().dirtyObjects().contains(oid)) {
      throw new IOException(oid + " was written and is not marked dirty");
    }
    ReadOutcome outcome =
        opened
            .objects()
            .read(oid, offset, length)
            .toCompletableFuture()
            .orTimeout(20, TimeUnit.SECONDS)
            .join();
    if (outcome.status() != StoreStatus.OK) {
      throw new IOException(oid + " cannot be read: " + outcome.status());
    }
    return outcome.data();
  }

  /** Starts a real {@code sheep} on it, on a host of its own, and asks that. */
  @Nullable String objectionThroughSheep(Path events) throws IOException {
    try (Host host = Host.isolated()) {
      Shell shell = new Shell(host, List.of(Repository.bin()));
      shell.run(LIMIT, "SHEEPDOG_LOCAL_DIR=%s sheep -c local %s".formatted(events, store)).orFail();
      if (!promises.formattedBefore(cut)) {
        return null;
      }
      String list = shell.run(LIMIT, "dog vdi list").orFail().stdout();
      String objection = promises.objectionToList(list, cut);
      if (objection != null) {
        return objection;
      }
      Endpoint socket = Endpoint.unix(store.resolve("sock"));
      try (ToolConnection sheep = ToolConnection.open(socket, ToolOptions.DEFAULTS)) {
        return objectionToBlocks((oid, offset, length) -> read(sheep, oid, offset, length));
      }
    }
  }

  private static @Nullable ByteBuf read(ToolConnection sheep, ObjectId oid, long offset, int length)
      throws ClientException {
    ObjectBody body = ObjectBody.of(oid, offset);
    Request request = Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, body);
    Reply reply = sheep.call(request, Unpooled.EMPTY_BUFFER);
    if (reply.header().resultCode() == ResultCode.SUCCESS) {
      return reply.payload();
    }
    reply.release();
    if (reply.header().resultCode() == ResultCode.NO_OBJ) {
      return null;
    }
    throw new AssertionError(oid + " is answered " + reply.header());
  }

  private @Nullable String objectionToBlocks(Reader reader) throws IOException {
    for (Place place : promises.places()) {
      Set<Long> allowed = promises.mayHold(place, cut);
      Set<Long> found =
          isNamed(place.oid(), reader)
              ? marks(reader.read(place.oid(), place.offset(), Promises.BLOCK))
              : Set.of(0L);
      if (!allowed.containsAll(found)) {
        return place + " holds " + found + ", and may hold " + allowed;
      }
    }
    return null;
  }

  /** Whether a client that follows the index finds the object. */
  private boolean isNamed(ObjectId oid, Reader reader) throws IOException {
    if (!promises.isFoundByIndex(oid.vid())) {
      return true;
    }
    int entry = InodeLayout.indexEntryOffset((int) oid.index());
    ByteBuf owner = reader.read(ObjectId.inode(oid.vid()), entry, InodeLayout.INDEX_ENTRY_SIZE);
    if (owner == null) {
      return false;
    }
    boolean named = owner.readIntLE() == oid.vid().value();
    owner.release();
    return named;
  }

  /** The mark of each sector; -1 for one of several marks. */
  private static Set<Long> marks(@Nullable ByteBuf block) {
    if (block == null) {
      return Set.of(0L);
    }
    Set<Long> marks = new HashSet<>();
    while (block.isReadable()) {
      long mark = block.readLong();
      for (int read = Long.BYTES; read < WriteLog.SECTOR; read += Long.BYTES) {
        mark = block.readLong() == mark ? mark : -1;
      }
      marks.add(mark);
    }
    block.release();
    return marks;
  }
}
