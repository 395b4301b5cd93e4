package io.sheepdog.core.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.Transport;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.PeerBody;
import io.sheepdog.protocol.message.PeerReply;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.ObjectComparison;
import io.sheepdog.protocol.payload.ObjectComparison.Home;
import io.sheepdog.protocol.payload.ObjectComparison.Outcome;
import io.sheepdog.protocol.payload.ObjectComparison.State;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Compares the copies of one object, and makes them the same, while clients may be writing to it
 * and without holding anybody up. Any member can do that, in an epoch that is complete.
 *
 * <p>All homes sum up their copies. If these differ, every member is asked whether a change of the
 * object is under way at its gateway; only if none is does it go on, with copies that nothing has
 * changed since they were summed up. Why that undoes no acknowledged write: one that has ended when
 * its gateway is asked is at all homes by then, so a copy without it that was summed up before has
 * changed since, and is neither read from nor written to; one that begins later is in none of the
 * sums, and where it comes before a repair the copy has changed as well.
 */
final class CopyComparison {
  /** What a home has no room for makes it begin anew, and so does each look at what was done. */
  private static final int MOST_ROUNDS = 6;

  private final Tools tools;
  private final ObjectId oid;
  private final Mode mode;
  private final Epoch epoch;
  private final List<NodeAddress> homes;
  private final Map<NodeAddress, BitSet> noRoom = new HashMap<>();
  private final Set<NodeAddress> repaired = new HashSet<>();
  private final CompletableFuture<ObjectComparison> result = new CompletableFuture<>();
  private int rounds;
  private int blocks;

  /** The copies of the round before, if that has only looked. */
  private List<Digests.Answer> before = List.of();

  /**
   * What comparisons work with.
   *
   * @param hopeless objects of which an operator was told that they cannot be repaired
   */
  record Tools(
      ClusterView cluster,
      ObjectStore store,
      ObjectShapes shapes,
      ObjectGate gate,
      Digests digests,
      VersionedPieces pieces,
      Transport transport,
      WritesInFlight inFlight,
      Predicate<ObjectId> isHeldUp,
      RecoveryPolicy policy,
      Consumer<String> onWarning,
      Set<ObjectId> hopeless) {}

  /** What to do with what is found. */
  enum Mode {
    /** Nothing. */
    LOOK,
    /** Copies that differ are made the same. */
    REPAIR,
    /** Besides, homes without a copy get one. */
    REPAIR_ALL,
    /** Copies that differ are made the same, and if all are they are marked clean (R10). */
    CLEAN
  }

  CopyComparison(Tools tools, ObjectId oid, Mode mode) {
    this.tools = tools;
    this.oid = oid;
    this.mode = mode;
    epoch = tools.cluster().servingEpoch();
    homes =
        epoch.isZero() || tools.shapes().of(oid) == null
            ? List.of()
            : tools.cluster().ring(epoch).targets(oid, tools.shapes().copiesIn(oid, epoch));
  }

  /** The nodes that have to have a copy, in ring order. */
  List<NodeAddress> homes() {
    return homes;
  }

  /** What was found in the end. */
  CompletionStage<ObjectComparison> run() {
    round();
    return result;
  }

  /** Whether places are as they were, and nobody else repairs. */
  private boolean isQuiet() {
    return tools.cluster().incarnation() != 0
        && !homes.isEmpty()
        && epoch.equals(tools.cluster().servingEpoch())
        && tools.cluster().state().recovery().complete().equals(epoch)
        && !tools.isHeldUp().test(oid);
  }

  private void round() {
    if (!isQuiet()) {
      end(Outcome.UNKNOWN, home -> State.UNKNOWN);
      return;
    }
    rounds++;
    List<CompletableFuture<Digests.Answer>> answers = new ArrayList<>();
    for (NodeAddress home : homes) {
      answers.add(tools.digests().of(home, oid, epoch).toCompletableFuture());
    }
    CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (all, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                judge(answers.stream().map(CompletableFuture::join).toList());
              }
            });
  }

  private void judge(List<Digests.Answer> answers) {
    List<CopyRepair.Copy> copies = new ArrayList<>();
    Map<NodeAddress, State> states = new HashMap<>();
    for (int i = 0; i < homes.size(); i++) {
      NodeAddress home = homes.get(i);
      Digests.Answer answer = answers.get(i);
      ObjectDigest digest = answer.digest();
      boolean isThere = answer.code() == ResultCode.SUCCESS && answer.lastValid().equals(epoch);
      if (isThere && digest != null) {
        BitSet without = noRoom.computeIfAbsent(home, h -> new BitSet());
        copies.add(new CopyRepair.Copy(copies.size(), home, answer, digest, without));
        states.put(home, repaired.contains(home) ? State.REPAIRED : State.GOOD);
      } else {
        boolean isMissing = answer.code() == ResultCode.NO_OBJ;
        states.put(home, isMissing ? State.MISSING : State.UNKNOWN);
      }
    }
    if (states.containsValue(State.UNKNOWN)) {
      end(Outcome.UNKNOWN, states::get);
    } else if (copies.isEmpty()) {
      end(Outcome.DIFFERENT, states::get);
    } else {
      CopyRepair repair = new CopyRepair(tools.pieces(), oid, epoch, copies);
      judge(answers, repair, copies, states);
    }
  }

  private void judge(
      List<Digests.Answer> answers,
      CopyRepair repair,
      List<CopyRepair.Copy> copies,
      Map<NodeAddress, State> states) {
    int differing = repair.differing();
    blocks = Math.max(blocks, differing);
    if (differing == 0 && copies.size() == homes.size()) {
      tools.hopeless().remove(oid);
      if (mode == Mode.CLEAN) {
        for (int i = 0; i < homes.size(); i++) {
          tellClean(homes.get(i), answers.get(i));
        }
      }
      end(repaired.isEmpty() ? Outcome.SAME : Outcome.REPAIRED, states::get);
      return;
    }
    if (differing > 0) {
      copies.forEach(copy -> states.put(copy.home(), State.DIFFERENT));
    }
    boolean isHopeless = differing == 0 && mode != Mode.REPAIR_ALL && mode != Mode.LOOK;
    if (isHopeless || rounds == MOST_ROUNDS) {
      end(Outcome.DIFFERENT, states::get);
      return;
    }
    changesUnderWay()
        .whenComplete(
            (areThere, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (areThere) {
                end(Outcome.UNKNOWN, states::get);
              } else if (mode == Mode.LOOK) {
                lookAgain(answers, states);
              } else if (differing == 0) {
                bring(states);
              } else {
                repair(repair, copies, states);
              }
            });
  }

  /** What differs twice, and was not changed in between by a write that has ended, does differ. */
  private void lookAgain(List<Digests.Answer> answers, Map<NodeAddress, State> states) {
    boolean isUnchanged = before.size() == answers.size();
    for (int i = 0; i < answers.size() && isUnchanged; i++) {
      isUnchanged =
          answers.get(i).version() == before.get(i).version()
              && answers.get(i).incarnation() == before.get(i).incarnation();
    }
    if (isUnchanged) {
      end(Outcome.DIFFERENT, states::get);
    } else if (before.isEmpty()) {
      before = answers;
      round();
    } else {
      end(Outcome.UNKNOWN, states::get);
    }
  }

  private void repair(
      CopyRepair repair, List<CopyRepair.Copy> copies, Map<NodeAddress, State> states) {
    long first = repair.firstDifference();
    int differing = repair.differing();
    repair
        .run()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              copies.stream().filter(CopyRepair.Copy::isRepaired).forEach(c -> note(c.home()));
              switch (done) {
                case DONE -> {
                  warn("differed in " + differing + " blocks from byte " + first + " on; repaired");
                  round();
                }
                case NO_ROOM -> round();
                case LATER -> end(Outcome.UNKNOWN, states::get);
                case IMPOSSIBLE -> {
                  warnOnce("differ or are damaged from byte " + first + " on, past repair");
                  end(Outcome.DIFFERENT, states::get);
                }
              }
            });
  }

  private void note(NodeAddress home) {
    repaired.add(home);
  }

  private void warnOnce(String what) {
    if (tools.hopeless().add(oid)) {
      warn(what);
    }
  }

  private void warn(String what) {
    tools.onWarning().accept("Copies of object " + oid + " " + what + ": homes=" + homes);
  }

  /** Who has no copy gets one, and is then looked at again. */
  private void bring(Map<NodeAddress, State> states) {
    List<NodeAddress> missing =
        homes.stream().filter(home -> states.get(home) == State.MISSING).toList();
    if (repaired.containsAll(missing)) {
      // that was tried
      end(Outcome.DIFFERENT, states::get);
      return;
    }
    List<CompletableFuture<Void>> brought = new ArrayList<>();
    missing.forEach(home -> brought.add(bring(home).toCompletableFuture()));
    CompletableFuture.allOf(brought.toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (all, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                repaired.addAll(missing);
                warn("was missing at " + missing + "; brought there");
                round();
              }
            });
  }

  /** Whoever is asked to read an object that belongs there gets it first. */
  private CompletionStage<Void> bring(NodeAddress home) {
    if (tools.cluster().isSelf(home)) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      tools.gate().bring(oid, code -> done.complete(null));
      return done;
    }
    Request request = Request.of(Opcode.PEER_READ, PeerBody.of(oid, 0, 0)).withEpoch(epoch);
    return tools.transport().send(home, request, Unpooled.EMPTY_BUFFER).thenAccept(Reply::release);
  }

  /** Whether a change of the object is, or may be, under way at some gateway. */
  private CompletionStage<Boolean> changesUnderWay() {
    if (!tools.policy().asksForChangesUnderWay()) {
      return CompletableFuture.completedFuture(false);
    }
    List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    for (Member member : tools.cluster().state().syncedMembers()) {
      answers.add(changesUnderWay(member).toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> answers.stream().anyMatch(CompletableFuture::join));
  }

  private CompletionStage<Boolean> changesUnderWay(Member member) {
    NodeAddress address = member.node().address();
    if (tools.cluster().isSelf(address)) {
      return CompletableFuture.completedFuture(tools.inFlight().isChanging(oid));
    }
    Request request =
        Request.of(
                Opcode.PEER_CHANGES, PeerBody.of(oid, 0, 0).withIncarnation(member.incarnation()))
            .withEpoch(epoch);
    return tools
        .transport()
        .send(address, request, Unpooled.EMPTY_BUFFER)
        .thenApply(
            reply -> {
              boolean isIdle =
                  reply.header().isSuccess()
                      && reply.header().body() instanceof PeerReply body
                      && body.aux() == 0;
              reply.release();
              return !isIdle;
            });
  }

  private void end(Outcome outcome, java.util.function.Function<NodeAddress, State> state) {
    List<Home> found = new ArrayList<>();
    homes.forEach(home -> found.add(new Home(home, state.apply(home))));
    result.complete(new ObjectComparison(outcome, blocks, found));
  }

  /** A home that does not hear it keeps its mark, and asks again in time. */
  private void tellClean(NodeAddress home, Digests.Answer answer) {
    if (tools.cluster().isSelf(home)) {
      if (epoch.equals(tools.cluster().servingEpoch())) {
        tools.store().markClean(oid, answer.version());
      }
      return;
    }
    ByteBuf version = Unpooled.buffer(Long.BYTES).writeLongLE(answer.version());
    Request request =
        Request.of(
                Opcode.PEER_CLEAN,
                RequestFlags.WRITE,
                Long.BYTES,
                PeerBody.of(oid, 0, 0).withIncarnation(answer.incarnation()))
            .withEpoch(epoch);
    tools.transport().send(home, request, version).thenAccept(Reply::release);
    version.release();
  }
}
