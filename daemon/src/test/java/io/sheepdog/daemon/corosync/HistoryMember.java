package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import io.sheepdog.nativebindings.group.FakeCorosync;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A driver on a {@link FakeCorosync}, and all that it told. */
final class HistoryMember implements ClusterDriver.Listener {
  final int node;
  final CorosyncClusterDriver driver;
  final List<String> history = new ArrayList<>();
  final List<String> waits = new ArrayList<>();
  private List<MemberId> members = List.of();
  private @Nullable String failure;

  HistoryMember(FakeCorosync corosync, int node, int process) {
    this(corosync, node, process, () -> true);
  }

  HistoryMember(FakeCorosync corosync, int node, int process, BooleanSupplier strictQuorum) {
    this.node = node;
    this.driver =
        new CorosyncClusterDriver(
            listener -> corosync.open(new CpgProcess(node, process), listener),
            process,
            Runnable::run,
            (why, until, forOthers) -> waits.add(why + " until " + until),
            corosync.nodes(),
            strictQuorum);
    driver.join(this);
  }

  void send(String text) {
    driver.multicast(text.getBytes(StandardCharsets.UTF_8));
  }

  boolean failed() {
    return failure != null;
  }

  @Nullable String failure() {
    return failure;
  }

  List<MemberId> lastMembers() {
    return members;
  }

  boolean isOlderThan(HistoryMember other) {
    return members.indexOf(driver.self()) < members.indexOf(other.driver.self());
  }

  @Override
  public void membership(
      List<MemberId> now, List<MemberId> joined, Map<MemberId, ClusterDriver.Departure> left) {
    members = List.copyOf(now);
    history.add("view " + now + " +" + joined + " -" + left);
  }

  @Override
  public void delivered(MemberId sender, byte[] message) {
    assertThat(members).as("members when " + sender + " sent").contains(sender);
    history.add(sender + ":" + new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public void failed(String reason) {
    failure = reason;
  }
}
