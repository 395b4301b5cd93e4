package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.payload.ObjectComparison;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What nodes ask each other about copies, as recovery, repair and comparison need it: what is here,
 * how good it is, its bytes. None of it waits for the object to be brought here or repaired.
 */
final class CopyRequests {
  private static final int MAX_LISTED = 1 << 15;

  private final Tools tools;
  private final PeerReplies replies;
  private final Comparison comparison;

  /** What these requests are about. */
  record Tools(
      ObjectStore store,
      LocalCopies copies,
      ObjectGate gate,
      FailedDisk failedDisk,
      TornObjects torn,
      TornRepair.Tools repair,
      ObjectListing listing,
      WritesInFlight inFlight,
      Suspects suspects) {}

  /** Compares all copies of an object. */
  interface Comparison {
    /** Compares them, and repairs them or not. */
    CompletionStage<ObjectComparison> run(ObjectId oid, boolean repairs);
  }

  CopyRequests(Tools tools, PeerReplies replies, Comparison comparison) {
    this.tools = tools;
    this.replies = replies;
    this.comparison = comparison;
  }

  /** Whether that is one of these requests. */
  static boolean serves(Opcode operation) {
    return switch (operation) {
      case PEER_FETCH,
          PEER_OBJECTS,
          PEER_TORN,
          PEER_REPAIR,
          PEER_REPAIR_SOON,
          PEER_DIGEST,
          PEER_CLEAN,
          PEER_PIECE,
          PEER_PATCH,
          PEER_CHANGES,
          PEER_COMPARE ->
          true;
      default -> false;
    };
  }

  /** Serves one of them, in the epoch that it is of. */
  void serve(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    switch (peer.operation()) {
      case PEER_FETCH -> fetch(peer, result);
      case PEER_OBJECTS -> result.complete(objects(peer));
      case PEER_TORN -> result.complete(torn(peer));
      case PEER_REPAIR -> repair(peer, payload, result);
      case PEER_REPAIR_SOON -> {
        tools.torn.hurried(peer.oid());
        result.complete(replies.of(peer.header(), ResultCode.SUCCESS));
      }
      case PEER_DIGEST -> digest(peer, result);
      case PEER_CLEAN -> clean(peer, payload, result);
      case PEER_PIECE -> piece(peer, result);
      case PEER_PATCH -> patch(peer, payload, result);
      case PEER_CHANGES -> {
        long aux = tools.inFlight.isChanging(peer.oid()) ? 1 : 0;
        result.complete(replies.of(peer.header(), ResultCode.SUCCESS, aux, Unpooled.EMPTY_BUFFER));
      }
      case PEER_COMPARE -> compare(peer, result);
      default -> result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
    }
  }

  private void fetch(PeerRequest peer, CompletableFuture<Reply> result) {
    long length = peer.body().length();
    if (length > peer.header().dataLength()) {
      result.complete(replies.of(peer.header(), ResultCode.BUFFER_SMALL));
      return;
    }
    if (tools.failedDisk.isObsolete(peer.oid())) {
      result.complete(replies.of(peer.header(), ResultCode.NO_OBJ));
      return;
    }
    if (tools.gate.isCreating(peer.oid())) {
      // admitted in the epoch before, and soon acknowledged perhaps: not to say that it is nowhere
      result.complete(replies.of(peer.header(), ResultCode.AGAIN));
      return;
    }
    tools
        .copies
        .best(peer.oid(), peer.body().offset(), (int) length)
        .whenComplete(
            (piece, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              long lastValid = Integer.toUnsignedLong(piece.validity().lastValid().value());
              tools.suspects.noteDamage(peer.oid(), piece.data().status());
              ResultCode code = ReplicaService.toResult(piece.data().status());
              result.complete(replies.of(peer.header(), code, lastValid, piece.data().data()));
            });
  }

  private void digest(PeerRequest peer, CompletableFuture<Reply> result) {
    if (tools.failedDisk.isObsolete(peer.oid())) {
      result.complete(replies.of(peer.header(), ResultCode.NO_OBJ));
      return;
    }
    if (tools.gate.isCreating(peer.oid())) {
      result.complete(replies.of(peer.header(), ResultCode.AGAIN));
      return;
    }
    tools
        .copies
        .digest(peer.oid())
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              ObjectDigest digest = answer.digest();
              ByteBuf sums = Unpooled.EMPTY_BUFFER;
              if (digest != null) {
                sums = Digests.encode(digest, answer);
              }
              long lastValid = Integer.toUnsignedLong(answer.lastValid().value());
              result.complete(replies.of(peer.header(), answer.code(), lastValid, sums));
            });
  }

  private void clean(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    if (payload.readableBytes() != Long.BYTES || peer.body().incarnation() == 0) {
      result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
      return;
    }
    tools
        .store
        .markClean(peer.oid(), payload.getLongLE(payload.readerIndex()))
        .whenComplete(
            (status, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(replies.of(peer.header(), ReplicaService.toResult(status)));
              }
            });
  }

  private void piece(PeerRequest peer, CompletableFuture<Reply> result) {
    long length = peer.body().length();
    if (length > peer.header().dataLength()) {
      result.complete(replies.of(peer.header(), ResultCode.BUFFER_SMALL));
      return;
    }
    tools
        .store
        .readVersion(peer.oid(), peer.version(), peer.body().offset(), (int) length)
        .whenComplete(
            (read, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              tools.suspects.noteDamage(peer.oid(), read.status());
              ResultCode code = ReplicaService.toResult(read.status());
              result.complete(replies.of(peer.header(), code, 0, read.data()));
            });
  }

  private void patch(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    if (payload.readableBytes() != peer.body().length()) {
      result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
      return;
    }
    tools
        .store
        .patch(peer.oid(), peer.version(), peer.body().offset(), payload)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                ResultCode code = tools.failedDisk.toResult(done.status());
                result.complete(
                    replies.of(peer.header(), code, done.version(), Unpooled.EMPTY_BUFFER));
              }
            });
  }

  private void compare(PeerRequest peer, CompletableFuture<Reply> result) {
    if (peer.header().dataLength() < ObjectComparison.MAX_BYTES || peer.body().length() > 1) {
      result.complete(replies.of(peer.header(), ResultCode.INVALID_PARMS));
      return;
    }
    comparison
        .run(peer.oid(), peer.body().length() == 1)
        .whenComplete(
            (found, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                ByteBuf payload = Unpooled.buffer(ObjectComparison.MAX_BYTES);
                found.encode(payload);
                result.complete(replies.of(peer.header(), ResultCode.SUCCESS, 0, payload));
              }
            });
  }

  private Reply torn(PeerRequest peer) {
    TornObjects.Page page = tools.torn.list(peer.oid(), peer.header().dataLength());
    return replies.of(peer.header(), ResultCode.SUCCESS, page.isLast() ? 0 : 1, page.entries());
  }

  private void repair(PeerRequest peer, ByteBuf payload, CompletableFuture<Reply> result) {
    if (payload.isReadable()) {
      // whatever waits for the object goes on waiting
      tools.torn.follow();
      TornRepair.receive(
          tools.repair,
          peer.oid(),
          peer.body().offset(),
          payload,
          code -> result.complete(replies.of(peer.header(), code)));
    } else {
      TornRepair.ended(
          tools.repair,
          peer.oid(),
          code -> {
            if (code == ResultCode.SUCCESS) {
              tools.torn.repaired(peer.oid());
            }
            result.complete(replies.of(peer.header(), code));
          });
    }
  }

  private Reply objects(PeerRequest peer) {
    int room = Math.min(peer.header().dataLength() / Long.BYTES, MAX_LISTED);
    if (room == 0) {
      return replies.of(peer.header(), ResultCode.BUFFER_SMALL);
    }
    ObjectListing.Page page = tools.listing.after(peer.oid(), room);
    ByteBuf ids = Unpooled.buffer(page.objects().size() * Long.BYTES);
    page.objects().forEach(oid -> ids.writeLongLE(oid.value()));
    return replies.of(peer.header(), ResultCode.SUCCESS, page.isLast() ? 0 : 1, ids);
  }
}
