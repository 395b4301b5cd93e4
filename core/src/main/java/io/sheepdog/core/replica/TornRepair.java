package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The repair of one torn object by its first home: the other homes get, durably, what this one has
 * in the range in question, and then word that the object is the same everywhere. Of a large range
 * only the blocks in which checksums differ are sent. Begun anew until it succeeds or the epoch
 * ends.
 */
final class TornRepair {
  private static final Duration RETRY = Duration.ofMillis(200);
  private static final int PIECE = 1 << 20;

  private final Tools tools;
  private final ObjectId oid;
  private final ByteRange range;
  private final Epoch epoch;
  private final List<NodeAddress> others;
  private final Runnable whenRepaired;

  /** Whether what this node may have lost was looked for elsewhere. */
  private boolean isMadeUp;

  /** What a repair works with. */
  record Tools(
      ClusterView cluster,
      ObjectStore store,
      ObjectShapes shapes,
      ObjectGate gate,
      Digests digests,
      VersionedPieces pieces,
      Transport transport,
      Scheduler scheduler,
      RecoveryPolicy policy) {}

  /** Begins repairs. */
  interface Factory {
    /**
     * Repairs an object of which this node is the first home.
     *
     * @param others the other homes
     * @param whenRepaired runs when they have all confirmed
     */
    void repair(
        ObjectId oid,
        ByteRange range,
        Epoch epoch,
        List<NodeAddress> others,
        Runnable whenRepaired);
  }

  TornRepair(
      Tools tools,
      ObjectId oid,
      ByteRange range,
      Epoch epoch,
      List<NodeAddress> others,
      Runnable whenRepaired) {
    this.tools = tools;
    this.oid = oid;
    this.range = range;
    this.epoch = epoch;
    this.others = others;
    this.whenRepaired = whenRepaired;
  }

  void start() {
    boolean isOver =
        !epoch.equals(tools.cluster().servingEpoch()) || tools.cluster().incarnation() == 0;
    if (!isOver) {
      tools.gate().bring(oid, this::found);
    }
  }

  private void found(ResultCode code) {
    ObjectAttributes shape = tools.shapes().of(oid);
    if (code != ResultCode.SUCCESS) {
      later();
    } else if (shape == null || !tools.store().holds(oid)) {
      end();
    } else if (range.to() - range.from() > PIECE) {
      compare();
    } else {
      // what the others are given must not be lost here
      tools
          .store()
          .sync(oid.vid())
          .whenComplete(
              (status, failure) -> {
                if (failure == null && status == StoreStatus.OK) {
                  give(range.from(), Math.min(range.to(), shape.size()), this::end);
                } else {
                  later();
                }
              });
    }
  }

  /** Finds out which blocks differ; the copies are made durable by that. */
  private void compare() {
    List<CompletableFuture<Digests.Answer>> answers = new ArrayList<>();
    answers.add(tools.digests().local(oid).toCompletableFuture());
    others.forEach(
        other -> answers.add(tools.digests().of(other, oid, epoch).toCompletableFuture()));
    CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (done, failure) -> {
              ObjectDigest here = failure == null ? answers.get(0).join().digest() : null;
              if (here == null) {
                later();
                return;
              }
              List<Digests.Answer> all = answers.stream().map(CompletableFuture::join).toList();
              if (all.get(0).mayHaveLost() && !isMadeUp && tools.policy().prefersWhatWasKept()) {
                makeUp(here, all);
              } else {
                judge(here, all.subList(1, all.size()));
              }
            });
  }

  /**
   * The power failed here while the object was written to. A home where it did not still has what
   * was acknowledged and not synced (P1): that is taken first.
   */
  private void makeUp(ObjectDigest here, List<Digests.Answer> all) {
    for (int i = 1; i < all.size(); i++) {
      Digests.Answer other = all.get(i);
      ObjectDigest there = other.digest();
      if (other.code() != ResultCode.SUCCESS && other.code() != ResultCode.NO_OBJ) {
        later();
        return;
      }
      if (there != null && other.lastValid().equals(epoch) && !other.mayHaveLost()) {
        NodeAddress self = tools.cluster().ring(epoch).targets(oid, 1).get(0);
        CopyRepair.Copy ours = new CopyRepair.Copy(0, self, all.get(0), here, new BitSet());
        CopyRepair.Copy kept =
            new CopyRepair.Copy(1, others.get(i - 1), other, there, new BitSet());
        take(new CopyRepair(tools.pieces(), oid, epoch, List.of(ours, kept), 1));
        return;
      }
    }
    isMadeUp = true;
    compare();
  }

  private void take(CopyRepair repair) {
    repair
        .run()
        .whenComplete(
            (done, failure) -> {
              if (failure == null
                  && (done == CopyRepair.Result.DONE || done == CopyRepair.Result.IMPOSSIBLE)) {
                isMadeUp = true;
                compare();
              } else {
                later();
              }
            });
  }

  private void judge(ObjectDigest here, List<Digests.Answer> there) {
    List<ObjectDigest> digests = new ArrayList<>();
    boolean allHaveIt = true;
    for (Digests.Answer answer : there) {
      if (answer.digest() != null && answer.lastValid().equals(epoch)) {
        digests.add(answer.digest());
      } else if (answer.digest() != null || answer.code() == ResultCode.NO_OBJ) {
        allHaveIt = false;
      } else {
        later();
        return;
      }
    }
    if (allHaveIt) {
      giveBlocks(here, digests, 0);
    } else {
      // who is given something gets the whole object first, from whichever home; then look again
      give(0, here.offset(1), this::compare);
    }
  }

  /** Gives the blocks from {@code first} on that some other home has differently. */
  private void giveBlocks(ObjectDigest here, List<ObjectDigest> there, int first) {
    int from = first;
    while (from < here.blocks() && isSame(here, there, from)) {
      from++;
    }
    int to = from;
    while (to < here.blocks() && !isSame(here, there, to)) {
      to++;
    }
    if (from == to) {
      end();
    } else {
      int next = to;
      give(here.offset(from), here.offset(to), () -> giveBlocks(here, there, next));
    }
  }

  private static boolean isSame(ObjectDigest here, List<ObjectDigest> there, int block) {
    return there.stream().allMatch(digest -> here.isSame(block, digest));
  }

  private void give(long from, long to, Runnable then) {
    int length = (int) Math.min(PIECE, to - from);
    if (length <= 0) {
      then.run();
      return;
    }
    tools
        .store()
        .read(oid, from, length)
        .whenComplete(
            (read, failure) -> {
              if (failure == null && read.status() == StoreStatus.DAMAGED) {
                mend(from);
                return;
              }
              if (failure != null || read.status() != StoreStatus.OK) {
                later();
                return;
              }
              tell(from, read.data(), () -> give(from + length, to, then));
              read.data().release();
            });
  }

  /**
   * Some of what is here is damaged. What others have instead is as right: nobody was told that the
   * write in question succeeded. Nothing else is written meanwhile.
   */
  private void mend(long from) {
    List<NodeAddress> homes = new ArrayList<>();
    tools.cluster().ring(epoch).targets(oid, others.size() + 1).forEach(homes::add);
    List<CompletableFuture<Digests.Answer>> answers = new ArrayList<>();
    homes.forEach(home -> answers.add(tools.digests().of(home, oid, epoch).toCompletableFuture()));
    CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (all, failure) -> {
              List<CopyRepair.Copy> copies = new ArrayList<>();
              boolean isWhole = failure == null;
              for (int i = 0; i < homes.size() && isWhole; i++) {
                Digests.Answer answer = answers.get(i).join();
                ObjectDigest digest = answer.digest();
                isWhole = digest != null && answer.lastValid().equals(epoch);
                if (digest != null && isWhole) {
                  copies.add(new CopyRepair.Copy(i, homes.get(i), answer, digest, new BitSet()));
                }
              }
              if (isWhole) {
                mend(new CopyRepair(tools.pieces(), oid, epoch, copies));
              } else {
                bringElsewhere(from);
              }
            });
  }

  private void mend(CopyRepair repair) {
    repair
        .run()
        .whenComplete(
            (done, failure) -> {
              // what is past repair cannot be read anywhere, and holds nobody up
              if (failure == null
                  && (done == CopyRepair.Result.DONE || done == CopyRepair.Result.IMPOSSIBLE)) {
                end();
              } else {
                later();
              }
            });
  }

  /** Who is given any piece gets the whole object first: one that can be read will do. */
  private void bringElsewhere(long from) {
    ObjectAttributes shape = tools.shapes().of(oid);
    long next = shape == null ? 0 : from + ObjectDigest.blockSize(shape.size());
    if (shape == null || next >= shape.size()) {
      later();
    } else {
      give(next, next + 1, this::later);
    }
  }

  private void end() {
    ended(
        tools,
        oid,
        code -> {
          if (code == ResultCode.SUCCESS) {
            tell(range.from(), Unpooled.EMPTY_BUFFER, whenRepaired);
          } else {
            later();
          }
        });
  }

  /** All homes are the same: what this one may have lost is no more missing here than elsewhere. */
  static void ended(Tools tools, ObjectId oid, Consumer<ResultCode> result) {
    if (!tools.store().mayHaveLostWrites(oid)) {
      result.accept(ResultCode.SUCCESS);
      return;
    }
    tools
        .store()
        .lossMadeGood(oid)
        .whenComplete(
            (status, failure) ->
                result.accept(
                    failure == null ? ReplicaService.toResult(status) : ResultCode.SYSTEM_ERROR));
  }

  /** Runs {@code then} when all others have confirmed; begins anew if one did not. */
  private void tell(long offset, ByteBuf piece, Runnable then) {
    if (others.isEmpty()) {
      then.run();
      return;
    }
    int length = piece.readableBytes();
    Request request =
        Request.of(
                Opcode.PEER_REPAIR,
                length > 0 ? RequestFlags.WRITE : RequestFlags.NONE,
                length,
                PeerBody.of(oid, offset, length))
            .withEpoch(epoch);
    int[] open = {others.size()};
    boolean[] failed = {false};
    for (NodeAddress other : others) {
      tools
          .transport()
          .send(other, request, piece)
          .whenComplete(
              (reply, failure) -> {
                failed[0] |= reply == null || !reply.header().isSuccess();
                if (reply != null) {
                  reply.release();
                }
                if (--open[0] == 0) {
                  if (failed[0]) {
                    later();
                  } else if (epoch.equals(tools.cluster().servingEpoch())) {
                    then.run();
                  }
                }
              });
    }
  }

  private void later() {
    tools.scheduler().schedule(RETRY, this::start);
  }

  /** Another home's part: applies a piece, of an object that belongs here. */
  static void receive(
      Tools tools, ObjectId oid, long offset, ByteBuf piece, Consumer<ResultCode> result) {
    piece.retain();
    tools
        .gate()
        .bring(
            oid,
            code -> {
              try {
                if (code != ResultCode.SUCCESS || !tools.store().holds(oid)) {
                  result.accept(code);
                } else {
                  tools
                      .store()
                      .write(oid, offset, piece, true)
                      .whenComplete(
                          (status, failure) ->
                              result.accept(
                                  failure == null
                                      ? ReplicaService.toResult(status)
                                      : ResultCode.SYSTEM_ERROR));
                }
              } finally {
                piece.release();
              }
            });
  }
}
