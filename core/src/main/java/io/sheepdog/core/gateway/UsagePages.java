package io.sheepdog.core.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.replica.ClusterView;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.UsageBody;
import io.sheepdog.protocol.payload.VdiUsage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Serves VDI_USAGE, a page at a time: each node that is the first home of some of the inodes is
 * asked once for all of them (PEER_USAGE); what that does not give is read, inode by inode, like
 * everything else.
 */
final class UsagePages {
  /** Most VDIs of a page: what a node knows of so many it puts together in milliseconds. */
  private static final int PAGE = 1024;

  /** Vid and length of an entry of the answer to PEER_USAGE. */
  private static final int ENTRY_HEADER = 6;

  /** Inodes read at a time, of up to 4 MiB each. */
  private static final int READS = 4;

  private final ClusterView cluster;
  private final Targets targets;
  private final PeerCalls peers;
  private final ObjectReader reader;

  UsagePages(ClusterView cluster, Targets targets, PeerCalls peers, ObjectReader reader) {
    this.cluster = cluster;
    this.targets = targets;
    this.peers = peers;
    this.reader = reader;
  }

  CompletionStage<Reply> serve(Request request) {
    int most = Math.min(PAGE, request.replyRoom() / VdiUsage.MAX_SIZE);
    if (!(request.body() instanceof UsageBody body)) {
      return CompletableFuture.completedFuture(reply(request, ResultCode.INVALID_PARMS));
    }
    if (most == 0) {
      return CompletableFuture.completedFuture(reply(request, ResultCode.BUFFER_SMALL));
    }
    List<VdiId> page = new ArrayList<>();
    int next = 0;
    for (VdiEntry entry : cluster.state().directory().entriesFrom(body.from())) {
      if (entry.isVisible()) {
        if (page.size() == most) {
          next = entry.vid().value();
          break;
        }
        page.add(entry.vid());
      }
    }
    return new Page(request, page, next).run();
  }

  private Reply reply(Request request, ResultCode code) {
    return reply(request, code, 0, Unpooled.EMPTY_BUFFER);
  }

  private Reply reply(Request request, ResultCode code, int next, ByteBuf payload) {
    Response header =
        Response.to(
                request,
                cluster.servingEpoch(),
                code,
                new PeerReply(cluster.incarnation(), cluster.state().sequence(), next))
            .withDataLength(payload.readableBytes());
    return new Reply(header, payload);
  }

  private final class Page {
    private final Request request;
    private final List<VdiId> vids;
    private final int next;
    private final TreeMap<VdiId, byte[]> found = new TreeMap<>();
    private ResultCode failure = ResultCode.SUCCESS;
    private int failed;

    Page(Request request, List<VdiId> vids, int next) {
      this.request = request;
      this.vids = vids;
      this.next = next;
    }

    CompletionStage<Reply> run() {
      return Parallel.forEach(List.copyOf(firstHomes()), Integer.MAX_VALUE, this::ask)
          .thenCompose(asked -> readOthers())
          .thenApply(read -> answer());
    }

    private Set<Replica> firstHomes() {
      Set<Replica> homes = new LinkedHashSet<>();
      for (VdiId vid : vids) {
        targets.of(ObjectId.inode(vid), 1).stream().limit(1).forEach(homes::add);
      }
      return homes;
    }

    private CompletionStage<Void> ask(Replica home) {
      PeerBody range =
          PeerBody.of(ObjectId.inode(vids.get(0)), 0, vids.get(vids.size() - 1).value())
              .withIncarnation(home.incarnation());
      int room = vids.size() * (ENTRY_HEADER + VdiUsage.MAX_SIZE);
      return peers
          .send(
              home,
              Request.of(Opcode.PEER_USAGE, RequestFlags.NONE, room, range),
              Unpooled.EMPTY_BUFFER)
          .thenAccept(this::take);
    }

    private void take(Reply reply) {
      try {
        if (reply.header().isSuccess()) {
          takeAll(reply.payload());
        }
      } finally {
        reply.release();
      }
    }

    private void takeAll(ByteBuf entries) {
      while (entries.isReadable()) {
        WireText.require(entries, ENTRY_HEADER, "Usage of a peer");
        int vid = entries.readIntLE();
        int length = entries.readUnsignedShortLE();
        WireText.require(entries, Math.max(1, length), "Usage of a peer");
        if (!VdiId.isValid(vid) || length > VdiUsage.MAX_SIZE) {
          throw new ProtocolException("Usage of a peer is damaged");
        }
        byte[] usage = new byte[length];
        entries.readBytes(usage);
        found.put(new VdiId(vid), usage);
      }
    }

    private CompletionStage<Void> readOthers() {
      List<VdiId> others = new ArrayList<>(vids);
      others.removeAll(found.keySet());
      return Parallel.forEach(others, READS, this::read);
    }

    private CompletionStage<Void> read(VdiId vid) {
      ObjectId inode = ObjectId.inode(vid);
      return reader
          .read(inode, 0, InodeLayout.HEADER_SIZE)
          .thenCompose(
              head -> {
                InodeHeader header = header(vid, head);
                return header == null
                    ? CompletableFuture.completedFuture(null)
                    : reader
                        .read(inode, InodeLayout.INDEX_OFFSET, VdiUsage.indexSize(header))
                        .thenAccept(index -> count(vid, header, index));
              });
    }

    /** Null when there is none: the VDI was deleted, or that cannot be known. */
    private @Nullable InodeHeader header(VdiId vid, ReadResult read) {
      try {
        note(vid, read.code());
        InodeHeader header =
            read.code() == ResultCode.SUCCESS ? InodeHeader.decode(read.data()) : null;
        return header == null || header.isDeleted() ? null : header;
      } finally {
        read.data().release();
      }
    }

    private void count(VdiId vid, InodeHeader header, ReadResult index) {
      try {
        note(vid, index.code());
        ByteBuf usage = Unpooled.buffer(VdiUsage.MAX_SIZE);
        VdiUsage.of(header, index.data()).encode(usage);
        found.put(vid, ByteBufUtil.getBytes(usage));
      } finally {
        index.data().release();
      }
    }

    /** One that was deleted meanwhile is no failure. */
    private void note(VdiId vid, ResultCode code) {
      VdiEntry entry = cluster.state().directory().entry(vid);
      if (code != ResultCode.SUCCESS && entry != null && entry.isVisible()) {
        failure = code;
        failed = vid.value();
      }
    }

    private Reply answer() {
      if (failure != ResultCode.SUCCESS) {
        return reply(request, failure, failed, Unpooled.EMPTY_BUFFER);
      }
      ByteBuf out = Unpooled.buffer();
      for (VdiId vid : vids) {
        byte[] usage = found.get(vid);
        if (usage != null && !VdiUsage.isDeleted(usage)) {
          out.writeBytes(usage);
        }
      }
      return reply(request, ResultCode.SUCCESS, next, out);
    }
  }
}
