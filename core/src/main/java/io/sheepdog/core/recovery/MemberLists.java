package io.sheepdog.core.recovery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Asks every member what it has copies of, page by page. Who does not answer is asked again for as
 * long as the epoch lasts. A member answers only when it serves the epoch: from then on no write of
 * an earlier one is admitted there, and what is created goes to the homes of this epoch.
 */
final class MemberLists {
  private static final Duration RETRY = Duration.ofMillis(200);
  private static final int PAGE = 64 << 10;

  /** No object has this id, and all that have one are greater. */
  private static final ObjectId BEGINNING = new ObjectId(0);

  private final RecoveryTools tools;
  private final Epoch epoch;
  private final Consumer<List<ObjectId>> onPage;
  private final Runnable onAll;
  private int open;
  private boolean ended;

  MemberLists(RecoveryTools tools, Epoch epoch, Consumer<List<ObjectId>> onPage, Runnable onAll) {
    this.tools = tools;
    this.epoch = epoch;
    this.onPage = onPage;
    this.onAll = onAll;
  }

  void collect() {
    List<Member> members = tools.agent().state().syncedMembers();
    open = members.size();
    members.forEach(member -> ask(member, BEGINNING));
  }

  void end() {
    ended = true;
  }

  private void ask(Member member, ObjectId after) {
    if (ended || !tools.agent().synced()) {
      return;
    }
    Request request =
        Request.of(Opcode.PEER_OBJECTS, RequestFlags.NONE, PAGE, PeerBody.of(after, 0, PAGE))
            .withEpoch(epoch);
    send(member, request)
        .whenComplete(
            (reply, failure) -> {
              if (reply == null || reply.header().resultCode() != ResultCode.SUCCESS) {
                if (reply != null) {
                  reply.release();
                }
                tools.scheduler().schedule(RETRY, () -> ask(member, after));
              } else {
                take(member, reply);
              }
            });
  }

  private CompletionStage<Reply> send(Member member, Request request) {
    return tools.agent().isSelf(member.id())
        ? tools.replica().handle(request, Unpooled.EMPTY_BUFFER)
        : tools.transport().send(member.node().address(), request, Unpooled.EMPTY_BUFFER);
  }

  private void take(Member member, Reply reply) {
    List<ObjectId> objects = new ArrayList<>();
    ByteBuf ids = reply.payload();
    while (ids.readableBytes() >= Long.BYTES) {
      objects.add(new ObjectId(ids.readLongLE()));
    }
    boolean more = reply.header().body() instanceof PeerReply body && body.aux() != 0;
    reply.release();
    if (ended) {
      return;
    }
    onPage.accept(objects);
    if (more && !objects.isEmpty()) {
      ask(member, objects.get(objects.size() - 1));
    } else if (--open == 0) {
      onAll.run();
    }
  }
}
