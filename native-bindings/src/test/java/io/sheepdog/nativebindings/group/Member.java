package io.sheepdog.nativebindings.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.RingId;
import io.sheepdog.nativebindings.corosync.CorosyncNode;
import io.sheepdog.nativebindings.corosync.OnNode;
import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A member of a group on one node, and all that it was told. */
final class Member implements GroupListener {
  final List<String> messages = new CopyOnWriteArrayList<>();
  final List<View> views = new CopyOnWriteArrayList<>();
  final List<Ring> rings = new CopyOnWriteArrayList<>();
  final List<QuorumView> quorums = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile @Nullable Exception lost;
  final Group group;

  record View(List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {}

  record Ring(RingId id, List<Integer> nodes) {}

  private Member(Connections connections, String name) throws IOException {
    group = CorosyncGroup.open(name, connections, this);
  }

  static Member connect(CorosyncNode node, String name) throws IOException {
    return connect(new OnNode(node), name);
  }

  static Member connect(Connections connections, String name) throws IOException {
    return new Member(connections, name);
  }

  /** Joins and waits until it has. */
  static Member join(CorosyncNode node, String name) throws IOException {
    Member member = connect(node, name);
    member.group.join();
    member.await("own membership", () -> !member.rings.isEmpty());
    return member;
  }

  View lastView() {
    return views.get(views.size() - 1);
  }

  void send(String text) {
    assertThat(group.multicast(text.getBytes(StandardCharsets.UTF_8))).isTrue();
  }

  void await(String what, BooleanSupplier condition) {
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .until(() -> lost != null || condition.getAsBoolean());
    assertThat(condition.getAsBoolean()).as(what + " (lost: " + lost + ")").isTrue();
  }

  Exception awaitLost() {
    Awaitility.await("loss").atMost(Duration.ofSeconds(30)).until(() -> lost != null);
    return Objects.requireNonNull(lost);
  }

  @Override
  public void connected(int localNodeId, boolean quorumConfigured) {
    calls.add("connected " + localNodeId + " " + quorumConfigured);
  }

  @Override
  public void quorum(QuorumView view) {
    calls.add("quorum " + view.quorate());
    quorums.add(view);
  }

  @Override
  public void delivered(CpgProcess sender, byte[] message) {
    calls.add("message");
    messages.add(sender + " " + new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public void membership(List<CpgProcess> members, List<CpgChange> left, List<CpgChange> joined) {
    calls.add("membership");
    views.add(new View(members, left, joined));
  }

  @Override
  public void ring(RingId ring, List<Integer> nodes) {
    calls.add("ring");
    rings.add(new Ring(ring, nodes));
  }

  @Override
  public void lost(Exception cause) {
    calls.add("lost");
    lost = cause;
  }
}
