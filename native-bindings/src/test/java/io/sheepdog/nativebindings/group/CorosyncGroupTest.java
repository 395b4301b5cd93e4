package io.sheepdog.nativebindings.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.corosync.CorosyncConf;
import io.sheepdog.nativebindings.corosync.CorosyncNet;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import io.sheepdog.nativebindings.corosync.OnNode;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import io.sheepdog.nativebindings.cpg.CpgListener;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.cpg.CpgReason;
import io.sheepdog.nativebindings.quorum.QuorumConnection;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against three real corosyncs with votequorum. */
@Timeout(120)
class CorosyncGroupTest {
  private static final int PROCESS = (int) ProcessHandle.current().pid();
  private static final CpgProcess ONE = new CpgProcess(1, PROCESS);
  private static final CpgProcess TWO = new CpgProcess(2, PROCESS);
  private static final CpgProcess THREE = new CpgProcess(3, PROCESS);

  private static CorosyncNet net;
  private static int groups;

  private final String name = "sheepdog-test-" + groups++;
  private final List<Member> members = new ArrayList<>();

  @BeforeAll
  static void startCorosync() {
    net = CorosyncNet.running(3, CorosyncConf.QUORUM);
  }

  @AfterAll
  static void stopCorosync() {
    net.close();
  }

  @AfterEach
  void everybodyLeaves() throws InterruptedException {
    for (Member member : members) {
      member.group.leave();
    }
    for (Member member : members) {
      assertThat(member.group.awaitEnd(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void connectionIsToldFirstThenQuorumThenMembershipThenRing() throws IOException {
    Member alone = member(Member.connect(net.node(1), name));
    alone.await("quorum", () -> !alone.quorums.isEmpty());
    assertThat(alone.calls).containsExactly("connected 1 true", "quorum true");
    alone.group.join();
    alone.await("ring", () -> !alone.rings.isEmpty());
    assertThat(alone.views)
        .containsExactly(
            new Member.View(List.of(ONE), List.of(), List.of(new CpgChange(ONE, CpgReason.JOIN))));
    assertThat(alone.calls.subList(2, 4)).containsExactly("membership", "ring");
  }

  @Test
  void ringHasTheSameNameForGroupAndQuorum() throws IOException {
    Member one = join(1);
    assertThat(one.rings.get(0).id()).isEqualTo(one.quorums.get(0).ring());
    assertThat(one.rings.get(0).nodes()).containsExactly(1, 2, 3);
    assertThat(one.quorums.get(0).nodes()).containsExactly(1, 2, 3);
  }

  @Test
  void messagesOfSeveralMembersHaveOneOrderEverywhere() throws IOException {
    List<Member> all = List.of(join(1), join(2), join(3));
    for (int i = 0; i < 500; i++) {
      for (Member member : all) {
        member.send("m" + i);
      }
    }
    all.forEach(member -> member.await("messages", () -> member.messages.size() == 1500));
    assertThat(all.get(1).messages).isEqualTo(all.get(0).messages);
    assertThat(all.get(2).messages).isEqualTo(all.get(0).messages);
    assertThat(all.get(0).messages.stream().filter(line -> line.startsWith("2/")))
        .containsExactlyElementsOf(IntStream.range(0, 500).mapToObj(i -> TWO + " m" + i).toList());
  }

  @Test
  void leavingAndDyingAreToldApart() throws IOException, InterruptedException {
    Member one = join(1);
    Member two = join(2);
    Member three = join(3);
    two.send("good-bye");
    two.group.leave();
    assertThat(two.group.awaitEnd(Duration.ofSeconds(10))).isTrue();
    one.await("leave", () -> one.lastView().members().equals(List.of(ONE, THREE)));
    assertThat(one.lastView().left()).containsExactly(new CpgChange(TWO, CpgReason.LEAVE));
    assertThat(one.messages).containsExactly(TWO + " good-bye");
    three.group.abandon();
    one.await("death", () -> one.lastView().members().equals(List.of(ONE)));
    assertThat(one.lastView().left()).containsExactly(new CpgChange(THREE, CpgReason.PROCDOWN));
    assertThat(one.lost).isNull();
  }

  @Test
  void nodeThatIsCutOffIsDownAndThenUpAndQuorumFollowsTheRing() throws IOException {
    Member one = join(1);
    Member two = join(2);
    Member three = join(3);
    one.await("three", () -> one.lastView().members().size() == 3);
    net.cut(List.of(net.node(3)));
    try {
      one.await("loss", () -> one.lastView().members().size() == 2);
      assertThat(one.lastView().left()).containsExactly(new CpgChange(THREE, CpgReason.NODEDOWN));
      three.await("loss", () -> three.lastView().members().equals(List.of(THREE)));
      assertThat(three.lastView().left())
          .containsExactlyInAnyOrder(
              new CpgChange(ONE, CpgReason.NODEDOWN), new CpgChange(TWO, CpgReason.NODEDOWN));
      quorumOfLastRing(one, true);
      quorumOfLastRing(three, false);
    } finally {
      net.heal();
    }
    for (Member member : List.of(one, two, three)) {
      member.await("three again", () -> member.lastView().members().size() == 3);
      quorumOfLastRing(member, true);
    }
    assertThat(one.lastView().joined()).containsExactly(new CpgChange(THREE, CpgReason.NODEUP));
    assertThat(three.lastView().joined())
        .containsExactlyInAnyOrder(
            new CpgChange(ONE, CpgReason.NODEUP), new CpgChange(TWO, CpgReason.NODEUP));
    net.awaitRing();
  }

  private static void quorumOfLastRing(Member member, boolean quorate) {
    member.await(
        "quorum " + quorate,
        () -> {
          QuorumView last = member.quorums.get(member.quorums.size() - 1);
          Member.Ring ring = member.rings.get(member.rings.size() - 1);
          return last.ring().equals(ring.id())
              && last.quorate() == quorate
              && last.nodes().equals(ring.nodes());
        });
  }

  @Test
  void messagesSentWhileARingFormsAllArriveInOrder() throws IOException {
    Member one = join(1);
    Member two = join(2);
    net.node(3).stop();
    for (int i = 0; i < 2000; i++) {
      one.send("m" + i);
    }
    net.node(3).start();
    for (int i = 2000; i < 4000; i++) {
      one.send("m" + i);
    }
    two.await("messages", () -> two.messages.size() == 4000);
    assertThat(two.messages)
        .containsExactlyElementsOf(IntStream.range(0, 4000).mapToObj(i -> ONE + " m" + i).toList());
    net.awaitRing();
  }

  @Test
  void lossOfCorosyncIsTold() throws IOException, InterruptedException {
    Member three = join(3);
    net.node(3).stop();
    assertThat(three.awaitLost())
        .isInstanceOfSatisfying(
            CorosyncException.class,
            lost -> assertThat(lost.error()).isEqualTo(CsError.CS_ERR_LIBRARY));
    assertThat(three.group.awaitEnd(Duration.ofSeconds(10))).isTrue();
    assertThat(three.calls.get(three.calls.size() - 1)).isEqualTo("lost");

    Member early = member(Member.connect(net.node(3), name));
    assertThat(early.awaitLost())
        .isInstanceOfSatisfying(
            CorosyncException.class,
            lost -> assertThat(lost.error()).isEqualTo(CsError.CS_ERR_LIBRARY));
    assertThat(early.calls).containsExactly("lost");

    net.node(3).start();
    net.awaitRing();
    Member again = join(3);
    assertThat(again.lastView().members()).containsExactly(THREE);
  }

  @Test
  void userWithoutLeaveIsRefusedAndOneWithLeaveIsNot() throws IOException {
    int nobody = 65534;
    Member refused = member(Member.connect(as(net.node(2), nobody), name));
    assertThat(refused.awaitLost())
        .isInstanceOfSatisfying(
            CorosyncException.class,
            lost -> assertThat(lost.error()).isEqualTo(CsError.CS_ERR_ACCESS));

    net.node(2).stop();
    net.node(2).allow("sheepdog", "uidgid {\n  uid: 65534\n}\n");
    net.node(2).start();
    net.awaitRing();
    Member allowed = member(Member.connect(as(net.node(2), nobody), name));
    allowed.group.join();
    allowed.await("membership", () -> !allowed.views.isEmpty());
  }

  private static Connections as(CorosyncNode node, int user) {
    return new Connections() {
      @Override
      public CpgConnection cpg(CpgListener listener) throws CorosyncException {
        return LOCAL.cpg(listener);
      }

      @Override
      public QuorumConnection quorum(Consumer<QuorumView> listener) throws CorosyncException {
        node.enterAs(user, user);
        return LOCAL.quorum(listener);
      }
    };
  }

  @Test
  void whatAListenerThrowsEndsTheGroupAndIsTold() throws IOException, InterruptedException {
    IllegalStateException thrown = new IllegalStateException("no such message");
    Connections throwing =
        new Connections() {
          @Override
          public CpgConnection cpg(CpgListener listener) throws CorosyncException {
            return LOCAL.cpg(
                new CpgListener() {
                  @Override
                  public void delivered(CpgProcess sender, byte[] message) {
                    throw thrown;
                  }

                  @Override
                  public void membership(
                      List<CpgProcess> all, List<CpgChange> left, List<CpgChange> joined) {
                    listener.membership(all, left, joined);
                  }

                  @Override
                  public void ring(RingId ring, List<Integer> nodes) {
                    listener.ring(ring, nodes);
                  }
                });
          }

          @Override
          public QuorumConnection quorum(Consumer<QuorumView> listener) throws CorosyncException {
            return new OnNode(net.node(1)).quorum(listener);
          }
        };
    Member told = member(Member.connect(throwing, name));
    told.group.join();
    told.send("x");
    assertThat(told.awaitLost()).isSameAs(thrown);
    assertThat(told.group.awaitEnd(Duration.ofSeconds(10))).isTrue();
  }

  private Member join(int node) throws IOException {
    return member(Member.join(net.node(node), name));
  }

  private Member member(Member member) {
    members.add(member);
    return member;
  }
}
