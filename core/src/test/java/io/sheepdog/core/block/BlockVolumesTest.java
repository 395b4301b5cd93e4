package io.sheepdog.core.block;

import static io.sheepdog.core.block.MemoryBlockHost.OBJECT;
import static io.sheepdog.core.block.VolumeTester.now;
import static io.sheepdog.core.block.VolumeTester.open;
import static io.sheepdog.core.block.VolumeTester.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.block.Opening.Opened;
import io.sheepdog.core.block.Opening.Reason;
import io.sheepdog.core.block.Opening.Refused;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names, and who may open what. */
@Timeout(60)
final class BlockVolumesTest {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final MemoryBlockHost host = new MemoryBlockHost();
  private final ManualScheduler time = new ManualScheduler();
  private final BlockVolumes volumes = new BlockVolumes(host, time, 16 << 20);

  BlockVolumesTest() {
    host.create("Alice");
  }

  @Test
  void aSnapshotIsFoundByTagAndById() {
    host.snapshot("Alice", "noon");
    assertThat(open(volumes, "Alice@noon", "a").open.info().readOnly()).isTrue();
    assertThat(open(volumes, "Alice@1", "a").open.info().readOnly()).isTrue();
    assertThat(open(volumes, "Alice?readonly", "a").open.info().readOnly()).isTrue();
    assertThat(host.isLocked("Alice")).isFalse();
    assertThat(refusal(volumes, "Alice@night", "a").text()).contains("that snapshot does not");
    assertThat(refusal(volumes, "Alice@0", "a").reason()).isEqualTo(Reason.UNKNOWN);
    assertThat(refusal(volumes, "", "a").text()).contains("name is needed");
  }

  @Test
  void aVdiWhoseNameLooksLikeASnapshotIsFound() {
    host.create("a@b");
    host.create("c?readonly");
    assertThat(open(volumes, "a@b", "x").volume.isWritable()).isTrue();
    assertThat(open(volumes, "c?readonly", "x").volume.isWritable()).isTrue();
  }

  @Test
  void aNameThatMeansTwoThingsOpensNeither() {
    host.snapshot("Alice", "noon");
    host.create("Alice@noon");
    assertThat(refusal(volumes, "Alice@noon", "x").text())
        .contains("the name of a VDI and of snapshot 1 of 'Alice'", "NAME@ID", "collie vdi clone");
    assertThat(refusal(volumes, "Alice@noon?readonly", "x").text()).contains("NAME@ID");
    assertThat(names()).containsExactlyInAnyOrder("Alice", "Alice@1");
    host.create("Alice@1");
    assertThat(names()).containsExactly("Alice");
    host.create("Alice?readonly");
    assertThat(refusal(volumes, "Alice?readonly", "x").text()).contains("the name of a VDI and");
    assertThat(names()).containsExactly("Alice");
    assertThat(open(volumes, "Alice", "x").volume.isWritable()).isTrue();
  }

  @Test
  void tagsThatLookLikeOtherNamesAreNotUsed() {
    host.create("Alice@x");
    for (String tag : List.of("x@y", "noon?readonly", "noon", "noon")) {
      host.snapshot("Alice", tag);
    }
    host.snapshot("Alice@x", "y");
    assertThat(names())
        .containsExactlyInAnyOrder(
            "Alice", "Alice@x", "Alice@1", "Alice@2", "Alice@3", "Alice@noon", "Alice@x@y");
    for (VolumeInfo info : volumes.list()) {
      assertThat(now(volumes.describe(info.name())).info()).isEqualTo(info);
    }
    assertThat(String.valueOf(now(volumes.describe("Alice@x@y")).info()))
        .contains("snapshot 1 of Alice@x,");
  }

  private List<String> names() {
    return volumes.list().stream().map(VolumeInfo::name).toList();
  }

  @Test
  void everythingIsListedUnderANameThatOpensIt() {
    host.snapshot("Alice", "noon");
    host.snapshot("Alice", "");
    host.snapshot("Alice", "7");
    assertThat(volumes.list())
        .extracting(VolumeInfo::name)
        .containsExactly("Alice@noon", "Alice@2", "Alice@3", "Alice");
    assertThat(volumes.count()).isEqualTo(4);
    volumes
        .list()
        .forEach(
            info ->
                assertThat(open(volumes, info.name(), "a").open.info().readOnly())
                    .isEqualTo(info.readOnly()));
  }

  @Test
  void aReportOfALongRangeIsAboutItsBeginning() {
    long object = MemoryBlockHost.OBJECT;
    long size = 3000 * object;
    host.create("long", size);
    host.snapshot("long", "noon");
    for (String name : List.of("long", "long?readonly", "long@noon")) {
      BlockVolume volume = open(volumes, name, "a").volume;
      assertThat(now(volume.status(0, size)).extents())
          .containsExactly(new Extent(1024 * object, false));
      assertThat(now(volume.status(size - 1 - object, 1 + object)).extents())
          .containsExactly(new Extent(1 + object, false));
      assertThat(now(volume.status(object + 5, size - object - 5)).extents())
          .containsExactly(new Extent(1024 * object - 5, false));
    }
  }

  @Test
  void aSecondWriterIsToldWhoTheFirstIs() {
    open(volumes, "Alice", "10.0.0.1");
    Refused refused = refusal(volumes, "Alice", "10.0.0.2");
    assertThat(refused.reason()).isEqualTo(Reason.IN_USE);
    assertThat(refused.text())
        .contains("VDI 'Alice' is locked", "10.0.0.1 through node 10.0.0.1:7000", "?readonly");
  }

  @Test
  void aNativeClientsLockKeepsOthersOut() {
    host.lockElsewhere("Alice");
    CompletionStage<Opening> opening = volumes.open("Alice", BlockClient.of("10.0.0.1"));
    for (int i = 0; i < 10; i++) {
      assertThat(opening.toCompletableFuture()).isNotDone();
      time.advance(Duration.ofMillis(100));
    }
    assertThat(((Refused) now(opening)).text()).contains("10.0.0.9");
    assertThat(host.sessions()).isZero();
    host.unlock("Alice");
    assertThat(open(volumes, "Alice", "10.0.0.1").volume.isWritable()).isTrue();
  }

  @Test
  void aLockThatIsAboutToEndIsWaitedFor() {
    host.lockElsewhere("Alice");
    CompletionStage<Opening> opening = volumes.open("Alice", BlockClient.of("10.0.0.1"));
    host.unlock("Alice");
    time.advance(Duration.ofMillis(100));
    assertThat(now(opening)).isInstanceOf(Opened.class);
  }

  @Test
  void connectionsOfOneProcessShareTheLock() {
    BlockClient process = BlockClient.ofProcess("10.0.0.1", 7);
    VolumeTester first = open(volumes, "Alice", process);
    VolumeTester second = open(volumes, "Alice", process);
    first.write(0, 100, 1);
    assertThat(second.read(0, 100)).isEqualTo(first.read(0, 100));
    first.open.close(true);
    assertThat(host.isLocked("Alice")).isTrue();
    second.open.close(true);
    assertThat(host.isLocked("Alice")).isFalse();
    assertThat(host.sessions()).isZero();
  }

  @Test
  void theLockOfABrokenClientEndsAfterItsGrace() {
    VolumeTester first = open(volumes, "Alice", "10.0.0.1");
    first.write(0, 100, 1);
    first.open.close(false);
    time.advance(GRACE.minusMillis(1));
    assertThat(refusal(volumes, "Alice", "10.0.0.2").reason()).isEqualTo(Reason.IN_USE);
    time.advance(Duration.ofMillis(1));
    assertThat(host.isLocked("Alice")).isFalse();
    assertThat(open(volumes, "Alice", "10.0.0.2").read(0, 100))
        .isEqualTo(Arrays.copyOf(first.expected(), 100));
  }

  @Test
  void aClientThatComesBackWithinTheGraceGoesOn() {
    VolumeTester first = open(volumes, "Alice", "10.0.0.1");
    first.write(0, 100, 1);
    first.open.close(false);
    time.advance(GRACE.minusMillis(1));
    VolumeTester again = open(volumes, "Alice", "10.0.0.1");
    time.advance(GRACE);
    again.write(50, 100, 2);
    assertThat(host.isLocked("Alice")).isTrue();
  }

  @Test
  void processesOfAUnixSocketAreToldApart() {
    OpenVolume first = opened(BlockClient.ofProcess("10.0.0.1", 1));
    assertThat(now(volumes.open("Alice", BlockClient.ofProcess("10.0.0.1", 2))))
        .isInstanceOf(Refused.class);
    assertThat(now(volumes.open("Alice", BlockClient.of("10.0.0.1")))).isInstanceOf(Refused.class);
    OpenVolume second = opened(BlockClient.ofProcess("10.0.0.1", 1));
    first.close(true);
    second.close(true);
    assertThat(host.isLocked("Alice")).isFalse();
  }

  @Test
  void aClientThatCannotBeToldFromOthersHasOneConnection() {
    for (BlockClient client :
        List.of(
            BlockClient.of("10.0.0.1"),
            BlockClient.ofProcess("10.0.0.1", 0),
            BlockClient.ofProcess("10.0.0.1", -1))) {
      assertThat(client.isProcess()).isFalse();
      OpenVolume first = opened(client);
      assertThat(((Refused) now(volumes.open("Alice", client))).text())
          .contains("10.0.0.1 through node 10.0.0.1:7000");
      first.close(true);
      assertThat(host.isLocked("Alice")).isFalse();
    }
  }

  @Test
  void aVdiWhoseLockWasTakenAwayCanBeOpenedAtOnce() {
    VolumeTester first = open(volumes, "Alice", "10.0.0.1");
    first.write(0, 100, 1);
    host.unlock("Alice");
    VolumeTester next = open(volumes, "Alice", "10.0.0.2");
    assertThat(next.read(0, 100)).isEqualTo(Arrays.copyOf(first.expected(), 100));
    assertThat(now(first.volume.read(0, 1)).code()).isEqualTo(ResultCode.VDI_LOCKED);
    assertThat(now(first.volume.flush())).isEqualTo(ResultCode.VDI_LOCKED);
    first.open.close(true);
    assertThat(host.isLocked("Alice")).isTrue();
    next.write(0, 100, 2);
    assertThat(refusal(volumes, "Alice", "10.0.0.3").reason()).isEqualTo(Reason.IN_USE);
    next.open.close(true);
    assertThat(host.sessions()).isZero();
  }

  @Test
  void aLockThatWentToAnotherClientIsTheirs() {
    VolumeTester first = open(volumes, "Alice", "10.0.0.1");
    host.unlock("Alice");
    host.lockElsewhere("Alice");
    CompletionStage<Opening> opening = volumes.open("Alice", BlockClient.of("10.0.0.1"));
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofMillis(100));
    }
    assertThat(((Refused) now(opening)).text()).contains("10.0.0.9");
    first.open.close(true);
    assertThat(host.isLocked("Alice")).isTrue();
  }

  private OpenVolume opened(BlockClient client) {
    return ((Opened) now(volumes.open("Alice", client))).volume();
  }

  @Test
  void twoThatComeWhileTheLockIsOnItsWayAreOneClientOnlyIfTheyAreOneProcess() {
    host.hold(request -> request.operation() == Opcode.LOCK_VDI);
    CompletionStage<Opening> first = volumes.open("Alice", BlockClient.ofProcess("10.0.0.1", 7));
    CompletionStage<Opening> same = volumes.open("Alice", BlockClient.ofProcess("10.0.0.1", 7));
    CompletionStage<Opening> other = volumes.open("Alice", BlockClient.ofProcess("10.0.0.2", 7));
    host.release();
    assertThat(now(first)).isInstanceOf(Opened.class);
    assertThat(now(same)).isInstanceOf(Opened.class);
    assertThat(now(other)).isInstanceOf(Refused.class);
    assertThat(host.count(Opcode.LOCK_VDI)).isOne();
  }

  @Test
  void ofProgramsThatStartAtTheSameMomentOneGetsTheVdi() {
    host.hold(request -> request.operation() == Opcode.LOCK_VDI);
    CompletionStage<Opening> first = volumes.open("Alice", BlockClient.ofProcess("10.0.0.1", 7));
    CompletionStage<Opening> second = volumes.open("Alice", BlockClient.ofProcess("10.0.0.1", 8));
    CompletionStage<Opening> third = volumes.open("Alice", BlockClient.of("10.0.0.1"));
    host.release();
    assertThat(now(first)).isInstanceOf(Opened.class);
    assertThat(now(second)).isInstanceOf(Refused.class);
    assertThat(now(third)).isInstanceOf(Refused.class);
  }

  @Test
  void aConnectionThatBrokeLetsNobodyInWhileAnotherIsLeft() {
    BlockClient process = BlockClient.ofProcess("10.0.0.1", 7);
    VolumeTester first = open(volumes, "Alice", process);
    VolumeTester second = open(volumes, "Alice", process);
    first.write(0, 100, 1);
    second.open.close(false);
    assertThat(refusal(volumes, "Alice", "10.0.0.1").text()).contains("10.0.0.1");
  }

  @Test
  void whoTakesOverInTheGracePeriodBeginsAnewWithAllItsConnections() {
    OpenVolume killed = opened(BlockClient.ofProcess("10.0.0.1", 7));
    killed.close(false);
    OpenVolume again = opened(BlockClient.ofProcess("10.0.0.1", 8));
    opened(BlockClient.ofProcess("10.0.0.1", 8)).close(true);
    time.advance(Duration.ofSeconds(6));
    for (int process : new int[] {7, 9}) {
      BlockClient other = BlockClient.ofProcess("10.0.0.1", process);
      assertThat(now(volumes.open("Alice", other))).isInstanceOf(Refused.class);
    }
  }

  @Test
  void aClusterThatIsAboutToRunIsWaitedFor() {
    host.become(ClusterStatus.WAIT_JOIN);
    CompletionStage<Opening> opening = volumes.open("Alice", BlockClient.of("a"));
    time.advance(Duration.ofMillis(100));
    assertThat(opening.toCompletableFuture()).isNotDone();
    host.become(ClusterStatus.RUNNING);
    time.advance(Duration.ofMillis(100));
    assertThat(now(opening)).isInstanceOf(Opened.class);
  }

  @Test
  void aClusterThatDoesNotRunIsSaidToBeSo() {
    host.become(ClusterStatus.WAIT_FORMAT);
    assertThat(refusal(volumes, "Alice", "a").text()).contains("collie cluster format");
    host.become(ClusterStatus.WAIT_JOIN);
    CompletionStage<Opening> opening = volumes.open("Alice", BlockClient.of("a"));
    for (int i = 0; i < 100; i++) {
      time.advance(Duration.ofMillis(100));
    }
    assertThat(((Refused) now(opening)).reason()).isEqualTo(Reason.NOT_READY);
  }

  @Test
  void aReaderWithoutLockSeesWhatTheWriterWritesAlsoAfterASnapshot() {
    VolumeTester writer = open(volumes, "Alice", "10.0.0.1");
    VolumeTester reader = open(volumes, "Alice?readonly", "10.0.0.2");
    writer.write(100, 1000, 1);
    assertThat(reader.read(0, 2000)).isEqualTo(writer.read(0, 2000));
    host.snapshot("Alice", "noon");
    writer.write(OBJECT - 10, 1000, 2);
    assertThat(reader.read(0, 2 * OBJECT)).isEqualTo(writer.read(0, 2 * OBJECT));
    assertThat(reader.status()).isEqualTo(writer.status());
    assertThat(now(reader.volume.discard(0, OBJECT))).isEqualTo(ResultCode.READONLY);
  }

  @Test
  void describingAVolumeDoesNotLockIt() {
    assertThat(now(volumes.describe("Alice")).info())
        .isEqualTo(new VolumeInfo("Alice", MemoryBlockHost.SIZE, false, "sheepdog working VDI"));
    assertThat(now(volumes.describe("Bob")).refused()).isNotNull();
    assertThat(host.isLocked("Alice")).isFalse();
    assertThat(host.sessions()).isZero();
  }
}
