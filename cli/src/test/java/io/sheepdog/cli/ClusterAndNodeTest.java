package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.message.ClusterBody;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of {@code cluster} and {@code node}, byte for byte. */
@Timeout(60)
final class ClusterAndNodeTest {
  private final FakeWorld world = new FakeWorld();
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private void recordedCluster() {
    world.node("127.0.0.1:7800", 0).node("127.0.0.1:7801", 1).node("127.0.0.1:7802", 2);
    world.epoch(1, 0, 1795350242L, 0);
    world.nodes.remove(2);
    world.epoch(2, 1795349902L, 1795350307L, 2);
  }

  @Test
  void nodeListIsTheGuides() {
    world.node("192.50.109.182:7000", 0).node("192.50.109.185:7000", 0);

    Result result = Tool.collie().at(daemon).run("node list");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
              Idx\tNode id (FNV-1a) - Host:Port
            ------------------------------------------------
            * 0\t3751ad4d1b9d6dcb - 192.50.109.182:7000
              1\t492815213580505c - 192.50.109.185:7000
            """);
  }

  @Test
  void theMasterIsBoldOnATerminalAndTheEndOfBoldFollowsTheNewline() {
    world.node("192.50.109.182:7000", 0);

    String bold = Tool.collie().at(daemon).onTerminal().run("node list").out();
    String plain =
        Tool.collie().at(daemon).onTerminal().with("NO_COLOR", "1").run("node list").out();

    assertThat(bold).endsWith("-\n\033[1m* 0\t3751ad4d1b9d6dcb - 192.50.109.182:7000\n\033[0m");
    assertThat(plain).doesNotContain("\033");
  }

  @Test
  void nodesAreInTheOrderOfTheirIdsAndTheMasterIsTheOldest() {
    world.node("10.68.13.15:7000", 0).node("192.50.109.182:7000", 0);
    world.master = 1;

    Result result = Tool.collie().at(daemon).run("node list");

    assertThat(result.out())
        .endsWith(
            """
              0\t0308164db75cff7e - 10.68.13.15:7000
            * 1\t3751ad4d1b9d6dcb - 192.50.109.182:7000
            """);
  }

  @Test
  void nodeListOfDogIsTheRecordedOne() {
    world.node("127.0.0.1:7000", 0).node("127.0.0.1:7001", 1);

    Result result = Tool.dog().at(daemon).run("node list");

    assertThat(result.out())
        .isEqualTo(
            """
              Id   Host:Port         V-Nodes       Zone
               0   127.0.0.1:7000      \t128          0
               1   127.0.0.1:7001      \t128          1
            """);
    assertThat(Tool.dog().at(daemon).run("node list -r").out())
        .isEqualTo("0 127.0.0.1:7000 128 0\n1 127.0.0.1:7001 128 1\n");
  }

  @Test
  void ipv6AddressesHaveNoBracketsInDogsTable() {
    world.node("[fe80::1]:7000", 0);

    assertThat(Tool.dog().at(daemon).run("node list -r").out()).isEqualTo("0 fe80::1:7000 128 0\n");
  }

  @Test
  void nodeListAsJson() {
    world.node("192.50.109.182:7000", 3);

    assertThat(Tool.collie().at(daemon).run("node list -o json").out().replaceAll("\\s+", ""))
        .isEqualTo(
            """
            [{"id":"3751ad4d1b9d6dcb","host":"192.50.109.182","port":7000,"vnodes":128,\
            "zone":3,"space":0,"master":true}]""");
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 2"})
  void aDaemonThatHasNotJoinedHasNoNodes(Profile profile, int code) {
    Result result = Tool.of(profile).at(daemon).run("node list");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("Failed to get node list");
  }

  @Test
  void nodeInfoIsTheGuides() {
    world.node("127.0.0.1:" + daemon.port(), 0);
    world.vdis.add(FakeVdis.header("Alice", 0x15d167, 296L << 30));

    Result result = Tool.collie().at(daemon).run("node info");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            Id\tSize\tUsed\tUse%
             0\t40 GB\t1.2 GB\t  3%

            Total\t40 GB\t1.2 GB\t  3%, total virtual VDI Size\t296 GB
            """);
  }

  @Test
  void nodeInfoOfDogIsTheRecordedOneAndRawIsWhatLibvirtReads() {
    world.node("127.0.0.1:" + daemon.port(), 0);
    world.vdis.add(FakeVdis.header("Alice", 0x15d167, 40L << 30));

    assertThat(Tool.dog().at(daemon).run("node info").out())
        .isEqualTo(
            """
            Id\tSize\tUsed\tAvail\tUse%
             0\t40 GB\t1.2 GB\t39 GB\t  3%
            Total\t40 GB\t1.2 GB\t39 GB\t  3%

            Total virtual image size\t40 GB
            """);
    assertThat(Tool.dog().at(daemon).run("node info -r").out())
        .isEqualTo(
            """
            0 42949672960 1288490189 41661182771 3%
            Total 42949672960 1288490189 41661182771 3% 42949672960
            """);
  }

  @ParameterizedTest
  @CsvSource({"COLLIE, 1", "DOG, 2"})
  void nodeInfoWithoutAnyAnswerBeginsWithWhatScriptsMatch(Profile profile, int code) {
    world.node("127.0.0.1:" + daemon.port(), 0).unformatted();

    Result result = Tool.of(profile).at(daemon).run("node info");

    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).startsWith("Cannot get information from any nodes\n");
  }

  @Test
  void nodeInfoLeavesOutNodesThatDoNotAnswer() {
    world.node("127.0.0.1:1", 0).node("127.0.0.1:" + daemon.port(), 1);

    Result dog = Tool.dog().at(daemon).run("node info -r");

    assertThat(dog.code()).isZero();
    assertThat(dog.out()).startsWith("1 42949672960 ");
    assertThat(dog.err()).isEqualTo("failed to connect to 127.0.0.1:1: Connection refused\n");
    assertThat(Tool.collie().at(daemon).run("node info").code()).isEqualTo(1);
  }

  @Test
  void clusterInfoIsTheGuides() {
    world.node("192.50.109.182:7000", 0).node("192.50.109.183:7000", 1);
    world.epoch(1, 1274130570L, 1274130570L, 2); // 2010-05-17 21:09:30 UTC

    Result result = Tool.collie().at(daemon).run("cluster info");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            running

            Ctime              Epoch Nodes
            10-05-17 21:09:30      1 [192.50.109.182:7000, 192.50.109.183:7000]
            """);
  }

  @Test
  void clusterInfoOfDogIsTheRecordedOne() {
    recordedCluster();

    Result result = Tool.dog().at(daemon).run("cluster info");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            Cluster status: running, auto-recovery enabled

            Cluster created at Sun Nov 22 12:18:22 2026

            Epoch Time           Version [Host:Port:V-Nodes,,,]
            2026-11-22 12:25:07      2 [127.0.0.1:7800:128, 127.0.0.1:7801:128]
            2026-11-22 12:24:02      1 [127.0.0.1:7800:128, 127.0.0.1:7801:128, 127.0.0.1:7802:128]
            """);
  }

  @Test
  void clusterInfoShowsDetailsDifferencesAndRawRows() {
    recordedCluster();

    assertThat(Tool.dog().at(daemon).run("cluster info -v").out())
        .startsWith(
            """
            Cluster status: running, auto-recovery enabled
            Cluster store: plain with 2 redundancy policy
            Cluster vnodes strategy: auto
            Cluster vnode mode: node
            Cluster created at """);
    assertThat(Tool.dog().at(daemon).run("cluster info -d").out())
        .contains("     2 [-127.0.0.1:7802]\n")
        .contains("     1 [formated]\n");
    assertThat(Tool.dog().at(daemon).run("cluster info -r").out())
        .startsWith(
            """
            running, auto-recovery enabled

            1795350307 2 [127.0.0.1:7800:128, 127.0.0.1:7801:128]
            1795350242 1 [""");
  }

  @Test
  void anUnformattedClusterSaysThatItWaits() {
    world.node("127.0.0.1:7000", 0).unformatted();

    Result dog = Tool.dog().at(daemon).run("cluster info");
    Result collie = Tool.collie().at(daemon).run("cluster info");

    assertThat(dog.out()).isEqualTo("Cluster status: Waiting for cluster to be formatted\n\n");
    assertThat(dog.code()).isZero();
    assertThat(collie.out())
        .isEqualTo("Waiting for a format operation\n\nCtime              Epoch Nodes\n");
    assertThat(collie.code()).isZero();
  }

  @Test
  void aClusterThatWaitsSaysForWhom() {
    recordedCluster();
    world.nodes.remove(1);
    world.status = ResultCode.WAIT_FOR_JOIN;

    Result result = Tool.dog().at(daemon).run("cluster info");

    assertThat(result.out())
        .startsWith("Cluster status: Waiting for other nodes to join cluster\n");
    assertThat(result.err()).startsWith("waiting for 127.0.0.1:7801; start sheep there");
    assertThat(Tool.dog().at(daemon).run("cluster info -o json").out())
        .contains("\"status\" : \"waiting_for_nodes\"")
        .contains("\"missing\" : [ \"127.0.0.1:7801\" ]");
  }

  @Test
  void aClusterThatWaitsForTheStoreOfANodeThatAnswersSaysWhereItIsNamed() {
    recordedCluster();
    world.status = ResultCode.WAIT_FOR_JOIN;

    Result result = Tool.collie().at(daemon).run("cluster info");

    assertThat(result.out()).startsWith("Waiting for other nodes joining\n");
    assertThat(result.err())
        .startsWith("all nodes of epoch 2 answer; ")
        .contains("event=WAITING in sheep.log")
        .hasLineCount(1);
  }

  @Test
  void theDefaultNumberOfCopiesIsChanged() {
    recordedCluster();

    Result same = Tool.dog().at(daemon).run("cluster alter-copy -c 2");
    Result no = Tool.dog().at(daemon).typing("no\n").run("cluster alter-copy");
    assertThat(same.code()).isEqualTo(1);
    assertThat(same.err())
        .isEqualTo("The cluster's redundancy level is already set to 2, nothing changed.\n");
    assertThat(no.code()).isZero();
    assertThat(no.err())
        .startsWith("the number of copies was not given (-c N); it will be 3\n")
        .contains("warning: 3 copies are wanted");
    assertThat(world.requests(Opcode.ALTER_CLUSTER_COPY)).isEmpty();

    Result dog = Tool.dog().at(daemon).run("cluster alter-copy -c 1 -f");
    assertThat(dog.code()).isZero();
    assertThat(dog.out())
        .isEqualTo("The cluster's redundancy level is set to 1, the old one was 2.\n");
    assertThat(world.requests(Opcode.ALTER_CLUSTER_COPY))
        .singleElement()
        .matches(request -> ((ClusterBody) request.body()).copies() == 1);
    assertThat(Tool.dog().at(daemon).run("cluster alter-copy -c 4:2 -f").code()).isEqualTo(64);
    assertThat(Tool.dog().at(daemon).run("cluster alter-copy -c 32 -f").code()).isEqualTo(1);
  }

  @Test
  void goingOnWithoutNodesIsAskedForAndExplained() {
    recordedCluster();
    world.nodes.remove(1);
    world.status = ResultCode.WAIT_FOR_JOIN;

    Result no = Tool.collie().at(daemon).typing("no\n").run("cluster recover force");

    assertThat(no.code()).isZero();
    assertThat(no.err())
        .startsWith("The cluster waits for 127.0.0.1:7801 of epoch 2.\n")
        .contains("what it acknowledged then is lost")
        .doesNotContain("DATA IS LOST");
    assertThat(no.out()).isEqualTo("Go on without them? [yes/no]: ");
    assertThat(world.requests(Opcode.FORCE_RECOVER)).isEmpty();

    Result yes = Tool.collie().at(daemon).typing("yes\n").run("cluster recover force");

    assertThat(yes.code()).isZero();
    assertThat(yes.out()).contains("The cluster goes on in epoch 2 with 127.0.0.1:7800, ");
    assertThat(world.requests(Opcode.FORCE_RECOVER))
        .singleElement()
        .matches(request -> request.epoch().value() == 2 && request.dataLength() >= 80);
  }

  @Test
  void goingOnWithoutAsManyZonesAsCopiesIsSaidToLoseData() {
    recordedCluster();
    world.nodes.clear();
    world.status = ResultCode.WAIT_FOR_JOIN;
    world.node("127.0.0.1:1", 9);

    Result result = Tool.dog().at(daemon).run("cluster recover force -f");

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("DATA IS LOST");
    assertThat(world.requests(Opcode.FORCE_RECOVER)).hasSize(1);
  }

  @Test
  void aClusterThatRunsIsNotForced() {
    recordedCluster();

    Result dog = Tool.dog().at(daemon).run("cluster recover force -f");

    assertThat(dog.code()).isEqualTo(1);
    assertThat(dog.err())
        .isEqualTo(
            "failed to execute request, Cluster is running/halted and cannot be force recovered\n");
    assertThat(world.requests(Opcode.FORCE_RECOVER)).isEmpty();
  }

  @Test
  void aForcedStartThatSomebodyComesBetweenIsToBeDecidedAgain() {
    recordedCluster();
    world.nodes.remove(1);
    world.status = ResultCode.WAIT_FOR_JOIN;
    world.failures.put(Opcode.FORCE_RECOVER, ResultCode.AGAIN);

    Result result = Tool.collie().at(daemon).run("cluster recover force --force");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).endsWith("look at 'cluster info' and decide again\n");
  }

  @Test
  void aFormatWithFixedNumbersOfVirtualNodesSaysSo() {
    world.node("127.0.0.1:1", 0).unformatted();

    assertThat(Tool.dog().at(daemon).run("cluster format -V -c 1").code()).isZero();
    ClusterBody body = (ClusterBody) world.requests(Opcode.MAKE_FS).get(0).body();
    assertThat(body.flags() & ClusterFlags.AUTO_VNODES).isZero();

    world.failures.put(Opcode.MAKE_FS, ResultCode.INVALID_VNODES_STRATEGY);
    Result fixed = Tool.dog().at(daemon).run("cluster format -f -V -c 1");
    Result automatic = Tool.collie().at(daemon).run("cluster format -f -c 1");
    assertThat(fixed.code()).isEqualTo(1);
    assertThat(fixed.err()).contains("'sheep -V N'; nothing was changed");
    assertThat(automatic.code()).isEqualTo(1);
    assertThat(automatic.err()).contains("format with -V, or start it without");
  }

  @Test
  void theNumberOfVirtualNodesOfANodeIsSet() {
    recordedCluster();

    Result set = Tool.dog().at(daemon).run("node vnodes set 64");
    assertThat(set).extracting(Result::code, Result::out, Result::err).containsExactly(0, "", "");
    assertThat(world.requests(Opcode.SET_VNODES)).hasSize(1);
    assertThat(world.lastPayload).isEqualTo(new byte[] {64, 0, 0, 0});

    for (String wrong : List.of("0", "65536", "x", "1x")) {
      Result refused = Tool.dog().at(daemon).run("node vnodes set " + wrong);
      assertThat(refused.code()).isEqualTo(64);
      assertThat(refused.err())
          .contains(
              "Invalid number of vnodes '" + wrong + "': must be an integer between 1 and 65535");
    }
    assertThat(world.requests(Opcode.SET_VNODES)).hasSize(1);
  }

  @Test
  void whyANumberOfVirtualNodesCannotBeSetIsSaid() {
    recordedCluster();

    world.failures.put(Opcode.SET_VNODES, ResultCode.INVALID_VNODES_STRATEGY);
    Result automatic = Tool.dog().at(daemon).run("node vnodes set 64");
    world.failures.put(Opcode.SET_VNODES, ResultCode.GATEWAY_MODE);
    Result gateway = Tool.collie().at(daemon).run("node vnodes set 64");

    assertThat(automatic.code()).isEqualTo(255);
    assertThat(automatic.err())
        .startsWith("Failed to execute request: Invalid cluster vnodes strategy")
        .contains("cluster reweight");
    assertThat(gateway.code()).isEqualTo(1);
    assertThat(gateway.err()).contains("Targeted node is gateway mode");
  }

  @Test
  void nodesAreWeighedAgainInSilence() {
    recordedCluster();

    Result result = Tool.dog().at(daemon).run("cluster reweight");

    assertThat(result)
        .extracting(Result::code, Result::out, Result::err)
        .containsExactly(0, "", "");
    assertThat(world.requests(Opcode.REWEIGHT)).hasSize(1);
  }

  @Test
  void whyNodesCouldNotBeWeighedIsSaid() {
    recordedCluster();

    world.failures.put(Opcode.REWEIGHT, ResultCode.NETWORK_ERROR);
    Result silent = Tool.dog().at(daemon).run("cluster reweight");
    world.failures.put(Opcode.REWEIGHT, ResultCode.INVALID_VNODES_STRATEGY);
    Result fixed = Tool.collie().at(daemon).run("cluster reweight");

    assertThat(silent.code()).isEqualTo(1);
    assertThat(silent.err()).contains("a node did not say").contains("try again");
    assertThat(fixed.code()).isEqualTo(1);
    assertThat(fixed.err()).contains("fixed").contains("node vnodes set");
  }

  @Test
  void formatIsSilentAndMakesThreeCopiesWithLocks() {
    world.node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).node("127.0.0.1:3", 2).unformatted();

    Result result = Tool.collie().at(daemon).run("cluster format");

    assertThat(result)
        .extracting(Result::code, Result::out, Result::err)
        .containsExactly(0, "", "");
    ClusterBody body = (ClusterBody) world.requests(Opcode.MAKE_FS).get(0).body();
    assertThat(body.copies()).isEqualTo(3);
    assertThat(body.flags()).isEqualTo(ClusterFlags.AUTO_VNODES | ClusterFlags.USE_LOCK);
  }

  @Test
  void formatOfDogNamesItsStoreAndWarnsOfTooFewZones() {
    world.node("127.0.0.1:1", 0).unformatted();

    Result result = Tool.dog().at(daemon).run("cluster format --copies=2 -t -z 20");

    assertThat(result.out()).isEqualTo("using backend plain store\n");
    assertThat(result.err()).startsWith("warning: 2 copies are wanted, but there is only 1 zone ");
    assertThat(result.code()).isZero();
    ClusterBody body = (ClusterBody) world.requests(Opcode.MAKE_FS).get(0).body();
    assertThat(body.copies()).isEqualTo(2);
    assertThat(body.blockSizeShift()).isEqualTo(20);
    assertThat(body.flags() & ClusterFlags.STRICT).isNotZero();
  }

  @ParameterizedTest
  @CsvSource({"no, 0", "'', 0", "YES, 1", "yes please, 1"})
  void formatAsksOnATerminalBeforeItDestroysImages(String answer, int formats) {
    world.node("127.0.0.1:1", 0);
    world.vdis.add(FakeVdis.header("Alice", 0x15d167, 1 << 22));

    Result result = Tool.collie().at(daemon).typing(answer + "\n").run("cluster format --copies=1");

    assertThat(result.code()).isZero();
    assertThat(result.out()).endsWith("[yes/no]: ");
    assertThat(world.requests(Opcode.MAKE_FS)).hasSize(formats);
  }

  @Test
  void formatDoesNotAskTheGuidesScriptsNorWithForce() {
    world.node("127.0.0.1:1", 0);
    world.vdis.add(FakeVdis.header("Alice", 0x15d167, 1 << 22));

    Result piped = Tool.collie().at(daemon).run("cluster format --copies=1");
    Result forced = Tool.dog().at(daemon).run("cluster format --copies=1 -f");

    assertThat(piped.out()).isEmpty();
    assertThat(forced.out()).isEqualTo("using backend plain store\n");
    assertThat(world.requests(Opcode.MAKE_FS)).hasSize(2);
  }

  @Test
  void formatOfDogReadsItsAnswerFromAPipe() {
    world.node("127.0.0.1:1", 0);
    world.vdis.add(FakeVdis.header("Alice", 0x15d167, 1 << 22));

    Result silent = Tool.dog().at(daemon).run("cluster format -c 1");
    Result piped =
        Tool.dog().at(daemon).piping(new byte[] {'y', 'e', 's'}).run("cluster format -c 1");

    assertThat(silent.code()).isZero();
    assertThat(piped.code()).isZero();
    assertThat(world.requests(Opcode.MAKE_FS)).hasSize(1);
  }

  @Test
  void formatOfAnIncompleteClusterAsks() {
    world.node("127.0.0.1:1", 0);
    world.status = ResultCode.WAIT_FOR_JOIN;

    Result result = Tool.collie().at(daemon).typing("no\n").run("cluster format -c 1");

    assertThat(result.out()).contains("not complete (Waiting for other nodes joining)");
    assertThat(world.requests(Opcode.MAKE_FS)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "-1", "x", "2:1", "1e1", "99999999999"})
  void formatRefusesImpossibleCopies(String copies) {
    Result result = Tool.dog().at(daemon).run("cluster", "format", "-c", copies);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("Invalid parameter " + copies + ": ");
    assertThat(world.requests).isEmpty();
  }

  @Test
  void formatRefusesAnUnknownStore() {
    Result result = Tool.dog().at(daemon).run("cluster format -b farm");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith("Format failed: ");
    assertThat(world.requests).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void shutdownIsSilentAndItsFailureIsNot(Profile profile) {
    Result done = Tool.of(profile).at(daemon).run("cluster shutdown");
    world.failures.put(Opcode.SHUTDOWN, ResultCode.SYSTEM_ERROR);
    Result failed = Tool.of(profile).at(daemon).run("cluster shutdown");

    assertThat(done).extracting(Result::code, Result::out, Result::err).containsExactly(0, "", "");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).isEqualTo("Shutdown failed: System error\n");
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void aDaemonThatIsNoMemberSaysWhyWhateverItIsAsked(Profile profile) {
    world.absent("This node is not a member: it has no quorum. It serves nothing.");
    Tool tool = Tool.of(profile);

    for (String line : List.of("node list", "node info")) {
      Result result = tool.at(daemon).run(line);
      assertThat(result.err()).isEqualTo(world.reason + "\n");
      assertThat(result.out()).isEmpty();
      assertThat(result.code()).isEqualTo(profile.systemExit());
    }
    Result images = tool.at(daemon).run("vdi list");
    assertThat(images.err()).isEqualTo("Failed to list VDIs: " + world.reason + "\n");
    assertThat(images.code()).isEqualTo(profile.systemExit());
    Result machines = tool.at(daemon).run("vm list");
    assertThat(machines.err()).isEqualTo("Failed to list VDIs: " + world.reason + "\n");
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void clusterInfoOfADaemonThatIsNoMemberIsTheReason(Profile profile) {
    world.absent("This node is not a member: it has no quorum. It serves nothing.");
    Tool tool = Tool.of(profile);

    Result info = tool.at(daemon).run("cluster info");

    assertThat(info.code()).isZero();
    assertThat(info.err()).isEmpty();
    assertThat(info.out()).isEqualTo("Cluster status: " + world.reason + "\n");
    assertThat(tool.at(daemon).run("cluster info -r").out()).isEqualTo(world.reason + "\n");
    assertThat(tool.at(daemon).run("cluster info -o json").out())
        .contains("\"status\" : \"not_a_member\"", "\"reason\" : \"" + world.reason + "\"");
  }

  @Test
  void aMemberThatLostTheOthersSaysSoBesideWhatItKnows() {
    recordedCluster();
    world.status = ResultCode.WAIT_FOR_JOIN;
    world.reason = "This node serves nothing: the others are out of reach.";

    Result list = Tool.collie().at(daemon).run("node list");
    Result info = Tool.collie().at(daemon).run("cluster info");

    assertThat(list.code()).isZero();
    assertThat(list.out()).contains("127.0.0.1:7800");
    assertThat(list.err()).isEqualTo(world.reason + "\n");
    assertThat(info.out()).startsWith("Waiting for other nodes joining\n");
    assertThat(info.err()).startsWith(world.reason + "\n");
  }
}
