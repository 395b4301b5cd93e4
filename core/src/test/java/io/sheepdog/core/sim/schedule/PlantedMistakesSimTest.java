package io.sheepdog.core.sim.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sheepdog.core.cluster.Member;
import io.sheepdog.core.gateway.WritePolicy;
import io.sheepdog.core.lease.LeasePolicy;
import io.sheepdog.core.replica.RecoveryPolicy;
import io.sheepdog.core.sim.store.ForwardingStore;
import io.sheepdog.core.sim.time.SimProcess;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectStore;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The checks find real mistakes: each of these, planted into all nodes, breaks a promise within a
 * bounded number of seeds.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PlantedMistakesSimTest {
  private static final int MOST_SEEDS = 2_000;

  @Test
  void replyBeforeAllReplicasAnsweredIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public WritePolicy policy() {
            return new WritePolicy() {
              @Override
              protected boolean acknowledges(int succeeded, int targets) {
                return succeeded >= 1;
              }
            };
          }
        },
        "P2",
        "P3",
        "R7",
        "R8",
        "P4");
  }

  @Test
  void creationThatIsNotDurableWhenItIsAnsweredIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public ObjectStore store(ObjectStore real, SimProcess process) {
            return new HastyCreation(real);
          }
        },
        "R7");
  }

  @Test
  void requestsOfEarlierEpochsThatAreNotRefusedAreFound() {
    assertFound(
        new Mistake() {
          @Override
          public Request peerRequest(Request real, Epoch serving) {
            boolean isOld = !real.epoch().isZero() && serving.isNewerThan(real.epoch());
            boolean isWrite =
                real.operation() == Opcode.PEER_WRITE || real.operation() == Opcode.PEER_CREATE;
            return isOld && isWrite ? real.withEpoch(serving) : real;
          }
        },
        "P4",
        "P3",
        "P2");
  }

  @Test
  void objectsThatAreRemovedBeforeTheIndexIsSyncedAreFound() {
    assertFound(
        new Mistake() {
          @Override
          public ObjectStore store(ObjectStore real, SimProcess process) {
            return new ForwardingStore(real) {
              @Override
              public CompletionStage<StoreStatus> write(
                  ObjectId oid, long offset, ByteBuf data, boolean durable) {
                boolean isIndex =
                    oid.kind() == ObjectKind.INODE && offset >= InodeLayout.INDEX_OFFSET;
                return super.write(oid, offset, data, durable && !isIndex);
              }
            };
          }
        },
        "R8");
  }

  @Test
  void snapshotWithoutFreezeIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public WritePolicy policy() {
            return new WritePolicy() {
              @Override
              protected boolean respectsFreeze() {
                return false;
              }
            };
          }
        },
        "R11",
        "P2",
        "R8");
  }

  @Test
  void lockThatIsGrantedBeforeEarlierWritesHaveEndedIsFound() {
    assertFound(new EarlyGrant(true), "P4");
  }

  @Test
  void lockThatIsGrantedBeforeEarlierWritesHaveEndedShowsOnTheDisks() {
    assertFound(new EarlyGrant(false), "P3", "P2");
  }

  @Test
  void fenceInTheMiddleOfAWriteIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public boolean fencesWritesUnderWay() {
            return true;
          }
        },
        "P3",
        "P2",
        "R11");
  }

  /** The next owner does not wait for the writes of the one before. */
  private static final class EarlyGrant extends WritePolicy implements Mistake {
    private final boolean watched;

    EarlyGrant(boolean watched) {
      this.watched = watched;
    }

    @Override
    protected boolean waitsForEarlierWrites() {
      return false;
    }

    @Override
    public WritePolicy policy() {
      return this;
    }

    @Override
    public boolean watchesNodes() {
      return watched;
    }
  }

  @Test
  void lockThatIsGrantedTwiceIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public Reply reply(Request request, Reply real) {
            if (request.operation() != Opcode.LOCK_VDI
                || !real.header().is(ResultCode.VDI_LOCKED)) {
              return real;
            }
            VdiReply body = new VdiReply(VdiId.hashOf("Alice"), 0, 0, 0);
            return new Reply(
                Response.to(request, real.header().epoch(), ResultCode.SUCCESS, body),
                real.payload());
          }
        },
        "P4",
        "P2",
        "availability");
  }

  @Test
  void sweepOfWhatAClientWillIndexYetIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public WritePolicy policy() {
            return new WritePolicy() {
              @Override
              public boolean sparesObjectsToBeIndexed() {
                return false;
              }
            };
          }
        },
        "R7",
        "R8",
        "P2",
        "availability");
  }

  @Test
  void reclamationThatForgetsOtherInodesIsFound() {
    assertFound(
        new Mistake() {
          @Override
          public ObjectStore store(ObjectStore real, SimProcess process) {
            return new BlindReclamation(real);
          }
        },
        "R8",
        "P2",
        "R7",
        "R11",
        // a replica that reads as empty is repaired from, too
        "P3");
  }

  @Test
  void replyWithoutALeaseIsFound() {
    assertFound(
        new LeaseMistake(false) {
          @Override
          protected boolean repliesOnlyUnderLease() {
            return false;
          }
        },
        "P3");
  }

  @Test
  void epochThatIsServedBeforeTheLeasesOfTheEvictedHaveEndedIsFound() {
    assertFound(
        new LeaseMistake(false) {
          @Override
          protected boolean waitsForOwnVotes() {
            return false;
          }
        },
        "P3");
  }

  @Test
  void epochThatIsServedBeforeTheOthersKnowOfItIsFound() {
    assertFound(
        new LeaseMistake(true) {
          @Override
          protected boolean waitsForConfirmations() {
            return false;
          }
        },
        "R5");
  }

  @Test
  void reportOfADeathThatIsBelievedIsFound() {
    assertFound(
        new LeaseMistake(false) {
          @Override
          protected boolean looksForTheDead() {
            return false;
          }
        },
        "P3");
  }

  @Test
  void complaintOfOneThatOthersJoinUnseenIsFound() {
    assertFound(
        new LeaseMistake(true) {
          @Override
          protected boolean complains(Member member, int unanswered) {
            return super.complains(member, unanswered) || !member.accusers().isEmpty();
          }
        },
        "eviction");
  }

  @Test
  void complaintAboutAShortStandstillIsFound() {
    assertFound(
        new LeaseMistake(true) {
          @Override
          protected boolean complains(Member member, int unanswered) {
            return unanswered >= 3;
          }
        },
        "eviction");
  }

  @Test
  void silenceThatNobodyComplainsAboutIsFound() {
    assertFound(
        new LeaseMistake(true) {
          @Override
          protected boolean complains(Member member, int unanswered) {
            return false;
          }
        },
        "eviction");
  }

  /** A wrong decision about leases. */
  private static class LeaseMistake extends LeasePolicy implements Mistake {
    private final boolean watchesNodes;

    LeaseMistake(boolean watchesNodes) {
      this.watchesNodes = watchesNodes;
    }

    @Override
    public LeasePolicy leases() {
      return this;
    }

    @Override
    public boolean watchesNodes() {
      return watchesNodes;
    }
  }

  @Test
  void objectsOfADeadGatewayThatAreNotRepairedAreFound() {
    assertFound(
        new Mistake() {
          @Override
          public RecoveryPolicy recovery() {
            return new RecoveryPolicy() {
              @Override
              protected boolean repairsTornObjects() {
                return false;
              }
            };
          }
        },
        "P2",
        "P3",
        "R8",
        "R11");
  }

  @Test
  void repairWhileAWriteIsUnderWayIsFound() {
    assertFound(
        new EagerUpkeep() {
          @Override
          protected boolean asksForChangesUnderWay() {
            return false;
          }
        },
        "P2",
        "P3",
        "R7",
        "R8",
        "R11");
  }

  @Test
  void repairOfCopiesThatHaveChangedSinceIsFound() {
    assertFound(
        new EagerUpkeep() {
          @Override
          public ObjectStore store(ObjectStore real, SimProcess process) {
            return new AnyVersion(real);
          }
        },
        "P2",
        "P3",
        "R7",
        "R8",
        "R11");
  }

  /** Reads and overwrites pieces whatever has happened to the object since it was summed up. */
  private static final class AnyVersion extends ForwardingStore {
    AnyVersion(ObjectStore real) {
      super(real);
    }

    @Override
    public CompletionStage<ReadOutcome> readVersion(
        ObjectId oid, long version, long offset, int length) {
      return read(oid, offset, length);
    }

    @Override
    public CompletionStage<PatchOutcome> patch(
        ObjectId oid, long version, long offset, ByteBuf data) {
      return write(oid, offset, data, true).thenApply(status -> new PatchOutcome(status, version));
    }
  }

  @Test
  void readsThatAreNotVerifiedAreFound() {
    assertFound(
        new EagerUpkeep(true) {
          @Override
          public boolean verifiesReads() {
            return false;
          }
        },
        "P2",
        "R11");
  }

  @Test
  void damageThatNobodyLooksForIsFound() {
    assertFound(
        new EagerUpkeep(true) {
          @Override
          public boolean scrubs() {
            return false;
          }
        },
        "P3: damaged copies are never repaired");
  }

  /** Gateways do not compare what replicas have copied: that would find it. */
  @Test
  void copiesOfDamagedSourcesAreFound() {
    assertFound(
        new EagerUpkeep(true) {
          @Override
          public boolean verifiesCopies() {
            return false;
          }

          @Override
          public WritePolicy policy() {
            return new WritePolicy() {
              @Override
              protected boolean comparesWhatWasCopied() {
                return false;
              }
            };
          }
        },
        "P2",
        "P3",
        "R11");
  }

  /** Plays seeds until the mistake shows as the breach of one of {@code promises}. */
  private static void assertFound(Mistake mistake, String... promises) {
    for (long seed = 1; seed <= MOST_SEEDS; seed++) {
      ScheduleResult result = Schedule.play(seed, mistake);
      Throwable problem = result.problem();
      if (problem != null) {
        String message = String.valueOf(problem.getMessage());
        System.out.println("found at seed " + seed + ": " + message);
        assertThat(promises).as(() -> Replay.describe(result)).anyMatch(message::startsWith);
        return;
      }
    }
    throw new AssertionError("not found in " + MOST_SEEDS + " schedules");
  }

  /** Answers creations at once and carries them out later. */
  private static final class HastyCreation extends ForwardingStore {
    HastyCreation(ObjectStore real) {
      super(real);
    }

    @Override
    public CompletionStage<StoreStatus> create(
        ObjectId oid, ObjectAttributes attributes, long offset, ByteBuf data) {
      CompletionStage<StoreStatus> later = super.create(oid, attributes, offset, data);
      return oid.kind() == ObjectKind.DATA
          ? CompletableFuture.completedFuture(StoreStatus.OK)
          : later;
    }

    @Override
    public CompletionStage<CopyOutcome> copy(
        ObjectId oid,
        ObjectAttributes attributes,
        ObjectId source,
        long offset,
        ByteBuf data,
        boolean isSummed) {
      return CompletableFuture.completedFuture(CopyOutcome.failed(StoreStatus.NO_OBJECT));
    }
  }

  /**
   * Shows empty indexes to those who read pieces of an index from the middle: the sweep, writes of
   * entries, and the repair of a torn index, which makes them so.
   */
  private static final class BlindReclamation extends ForwardingStore {
    BlindReclamation(ObjectStore real) {
      super(real);
    }

    @Override
    public CompletionStage<ReadOutcome> read(ObjectId oid, long offset, int length) {
      CompletionStage<ReadOutcome> read = super.read(oid, offset, length);
      boolean sweeping =
          oid.kind() == ObjectKind.INODE
              && offset >= InodeLayout.INDEX_OFFSET
              && length < InodeLayout.INDEX_SIZE;
      return sweeping
          ? read.thenApply(
              outcome -> {
                outcome
                    .data()
                    .setZero(outcome.data().readerIndex(), outcome.data().readableBytes());
                return outcome;
              })
          : read;
    }
  }
}
