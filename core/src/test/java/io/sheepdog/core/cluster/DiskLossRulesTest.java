package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a member whose disk has failed. */
@Timeout(10)
class DiskLossRulesTest {
  private static List<Integer> vnodes(History history) {
    return history.state().presentNodes().stream().map(node -> node.node().vnodes()).toList();
  }

  @Test
  void aMemberWithoutADiskStaysAndHoldsNothing() {
    History history = History.running(3);
    assertThat(history.by(2, new DiskLost())).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(history.state().members()).containsKey(member(2));
    assertThat(vnodes(history)).hasSize(3).element(1).isEqualTo(0);
    assertThat(vnodes(history)).filteredOn(count -> count > 0).hasSize(2);
  }

  @Test
  void sayingItTwiceBeginsOneEpoch() {
    History history = History.running(3);
    history.by(2, new DiskLost());
    assertThat(history.by(2, new DiskLost())).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void theLastThatHoldsObjectsIsNotLetGo() {
    History history = History.running(2);
    history.by(1, new DiskLost());
    assertThat(history.by(2, new DiskLost())).isEqualTo(new Outcome.Refused(ResultCode.HALT));
    assertThat(vnodes(history)).filteredOn(count -> count > 0).hasSize(1);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
  }
}
