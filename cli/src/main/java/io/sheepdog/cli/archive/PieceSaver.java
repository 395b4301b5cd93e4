package io.sheepdog.cli.archive;

import io.netty.buffer.ByteBuf;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.copy.Zeros;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings pieces of objects from the cluster to an archive: several threads, each with a connection
 * of its own and a few requests under way, so at most {@link #UNDER_WAY} pieces are in memory.
 */
final class PieceSaver {
  private static final int UNDER_WAY = 12;
  private static final int BATCH = 32;

  private final ArchiveDirectory archive;
  private final List<Piece> pieces;
  private final String[] digests;
  private final Progress progress;
  private int next;
  private @Nullable CommandFailure failure;

  /**
   * A piece of an object.
   *
   * @param number which one of the object, from 0
   * @param length bytes
   */
  record Piece(ObjectId oid, int number, int length) {
    private Request request() {
      return Request.of(
          Opcode.READ_OBJ,
          RequestFlags.DIRECT,
          length,
          ObjectBody.of(oid, (long) number * Manifest.PIECE));
    }
  }

  PieceSaver(ArchiveDirectory archive, List<Piece> pieces, Progress progress) {
    this.archive = archive;
    this.pieces = pieces;
    this.digests = new String[pieces.size()];
    this.progress = progress;
  }

  /**
   * Saves them all.
   *
   * @param threads at least 1
   * @return their digests, in the order of the pieces
   */
  String[] save(Remote remote, int threads) throws CommandFailure {
    List<Remote> connections = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    try {
      for (int i = 0; i < Math.min(threads, 1 + pieces.size() / BATCH); i++) {
        connections.add(remote.another());
      }
      for (Remote connection : connections) {
        int window = Math.max(1, UNDER_WAY / connections.size());
        Thread thread = new Thread(() -> work(connection, window), "save-objects");
        thread.start();
        running.add(thread);
      }
      for (Thread thread : running) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(new CommandFailure(1, "Interrupted"));
    } finally {
      connections.forEach(Remote::close);
    }
    CommandFailure first = failure();
    if (first != null) {
      throw first;
    }
    return digests;
  }

  private synchronized @Nullable CommandFailure failure() {
    return failure;
  }

  private synchronized void fail(CommandFailure reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  /** The first piece of the next batch, -1 when there is nothing left to do. */
  private synchronized int take() {
    if (failure != null || next >= pieces.size()) {
      return -1;
    }
    int begin = next;
    next += BATCH;
    return begin;
  }

  private void work(Remote remote, int window) {
    byte[] bytes = new byte[Manifest.PIECE];
    try {
      for (int first = take(); first >= 0; first = take()) {
        List<Piece> batch = pieces.subList(first, Math.min(first + BATCH, pieces.size()));
        int begin = first;
        remote.fetchAll(
            batch.stream().map(Piece::request).toList(),
            window,
            (number, reply) -> saved(remote, begin + number, reply, bytes));
      }
    } catch (CommandFailure e) {
      fail(e);
    } catch (RuntimeException | Error e) {
      fail(new CommandFailure(1, "Saving failed: " + e));
      throw e;
    }
  }

  private void saved(Remote remote, int number, Reply reply, byte[] bytes) throws CommandFailure {
    Piece piece = pieces.get(number);
    ByteBuf payload = reply.payload();
    if (!reply.header().isSuccess() || payload.readableBytes() != piece.length()) {
      throw new CommandFailure(
          1,
          "Failed to read object "
              + piece.oid()
              + ": "
              + (reply.header().isSuccess()
                  ? payload.readableBytes() + " bytes came instead of " + piece.length()
                  : remote.text(reply.header())));
    }
    payload.readBytes(bytes, 0, piece.length());
    String digest = Manifest.ZEROS;
    if (!Zeros.all(bytes, 0, piece.length())) {
      digest = Digests.of(bytes, piece.length());
      archive.store(digest, bytes, piece.length());
    }
    synchronized (this) {
      digests[number] = digest;
      progress.add(piece.length());
    }
  }
}
