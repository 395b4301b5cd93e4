package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.BlockSizeShift;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Serves PEER_USAGE: each inode of the range passes the same checks as a read of it would, a few at
 * a time, and one that cannot be told of does not spoil the others.
 */
final class UsageRequests {
  /** Vid and length. */
  private static final int ENTRY_HEADER = 6;

  /** So many are read at a time, of up to 4 MiB each. */
  private static final int PARALLEL = 8;

  private final ClusterView cluster;
  private final InodeUsages usages;
  private final PeerReplies replies;
  private final BiConsumer<PeerRequest, CompletableFuture<Reply>> attempt;

  /**
   * Wires it.
   *
   * @param attempt checks a request for one inode, and has {@link #tell} called if it passes
   */
  UsageRequests(
      ClusterView cluster,
      InodeUsages usages,
      PeerReplies replies,
      BiConsumer<PeerRequest, CompletableFuture<Reply>> attempt) {
    this.cluster = cluster;
    this.usages = usages;
    this.replies = replies;
    this.attempt = attempt;
  }

  /** Serves a request for a range of vids. */
  CompletableFuture<Reply> serve(PeerRequest peer) {
    int room = peer.header().replyRoom() / (ENTRY_HEADER + VdiUsage.MAX_SIZE);
    long last = peer.body().length();
    List<PeerRequest> wanted = new ArrayList<>();
    for (VdiEntry entry : cluster.state().directory().entriesFrom(peer.oid().vid())) {
      if (entry.vid().value() > last || wanted.size() == room) {
        break;
      }
      if (entry.isVisible() && isFirstHome(entry)) {
        PeerBody body =
            PeerBody.of(ObjectId.inode(entry.vid()), 0, InodeLayout.HEADER_SIZE)
                .withIncarnation(peer.body().incarnation());
        wanted.add(new PeerRequest(peer.header(), Opcode.PEER_USAGE, body, 0, 0, 0, 0));
      }
    }
    Round round = new Round(peer, wanted);
    round.goOn();
    return round.result;
  }

  private boolean isFirstHome(VdiEntry entry) {
    List<NodeAddress> homes =
        cluster.ring(cluster.servingEpoch()).targets(ObjectId.inode(entry.vid()), 1);
    return !homes.isEmpty() && cluster.isSelf(homes.get(0));
  }

  /** Tells of one inode that is here. */
  void tell(PeerRequest one, CompletableFuture<Reply> result) {
    usages
        .of(one.oid(), likelyIndex(one.oid().vid()))
        .whenComplete(
            (known, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                ByteBuf usage = Unpooled.wrappedBuffer(known.usage());
                result.complete(replies.of(one.header(), known.code(), 0, usage));
              }
            });
  }

  private int likelyIndex(VdiId vid) {
    VdiEntry entry = cluster.state().directory().entry(vid);
    if (entry == null || !BlockSizeShift.isValid(entry.blockSizeShift())) {
      return 0;
    }
    long objectSize = BlockSizeShift.objectSize(entry.blockSizeShift());
    long objects = entry.size() / objectSize + (entry.size() % objectSize == 0 ? 0 : 1);
    return (int) Math.min(objects, InodeLayout.INDEX_ENTRIES) * InodeLayout.INDEX_ENTRY_SIZE;
  }

  /** One request; replies that come at once are taken in a loop, not one within the other. */
  private final class Round {
    private final PeerRequest peer;
    private final List<PeerRequest> wanted;
    private final byte[][] found;
    private final CompletableFuture<Reply> result = new CompletableFuture<>();
    private int next;
    private int open;
    private boolean goesOn;

    Round(PeerRequest peer, List<PeerRequest> wanted) {
      this.peer = peer;
      this.wanted = wanted;
      this.found = new byte[wanted.size()][];
    }

    void goOn() {
      if (goesOn) {
        return;
      }
      goesOn = true;
      while (next < wanted.size() && open < PARALLEL) {
        int number = next++;
        open++;
        CompletableFuture<Reply> one = new CompletableFuture<>();
        one.whenComplete((reply, failure) -> take(number, reply, failure));
        attempt.accept(wanted.get(number), one);
      }
      goesOn = false;
      if (open == 0) {
        finish();
      }
    }

    private void take(int number, @Nullable Reply reply, @Nullable Throwable failure) {
      open--;
      found[number] = new byte[0];
      if (reply != null) {
        if (reply.header().isSuccess()) {
          found[number] = new byte[reply.payload().readableBytes()];
          reply.payload().readBytes(found[number]);
        }
        reply.release();
      } else if (failure != null) {
        next = wanted.size();
        result.completeExceptionally(failure);
      }
      goOn();
    }

    private void finish() {
      if (result.isDone()) {
        return;
      }
      ByteBuf out = Unpooled.buffer();
      for (int i = 0; i < found.length; i++) {
        if (found[i].length > 0) {
          out.writeIntLE(wanted.get(i).oid().vid().value()).writeShortLE(found[i].length);
          out.writeBytes(found[i]);
        }
      }
      result.complete(replies.of(peer.header(), ResultCode.SUCCESS, 0, out));
    }
  }
}
