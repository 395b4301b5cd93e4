package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.done;
import static io.sheepdog.core.cluster.History.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of the number of copies; two nodes, VDIs with three copies. */
@Timeout(20)
class CopiesRulesTest {
  private final History history = History.running(2);
  private final VdiId alice = history.create("Alice");

  private int copies(VdiId vid, int epoch) {
    return history.state().copiesIn(ObjectId.data(vid, 5), new Epoch(epoch));
  }

  private CopiesHistory remembered() {
    return Objects.requireNonNull(history.state().config()).history();
  }

  private void recovered(int epoch) {
    history.by(1, new Recovered(new Epoch(epoch)));
    history.by(2, new Recovered(new Epoch(epoch)));
    assertThat(history.state().recovery().complete()).isEqualTo(new Epoch(epoch));
  }

  @Test
  void aChangeBeginsAnEpochAndEarlierOnesKeepTheirNumber() {
    assertThat(history.by(1, new AlterCopies(alice, 2))).isEqualTo(done());
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
    assertThat(history.entry(alice).copies()).isEqualTo(2);
    assertThat(copies(alice, 1)).isEqualTo(3);
    assertThat(copies(alice, 2)).isEqualTo(2);
    history.by(1, new CopiesWritten(alice, new Epoch(2)));
    history.by(2, new AlterCopies(alice, 5));
    assertThat(copies(alice, 1)).isEqualTo(3);
    assertThat(copies(alice, 2)).isEqualTo(2);
    assertThat(copies(alice, 3)).isEqualTo(5);
    assertThat(remembered().least(3)).isEqualTo(2);
  }

  @Test
  void theDefaultIsThatOfAttributesAndOfNewVdisOnly() {
    history.by(1, new AlterCopies(VdiId.NONE, 1));
    assertThat(copies(alice, 2)).isEqualTo(3);
    ObjectId attribute = ObjectId.attribute(alice, 1);
    assertThat(history.state().copiesIn(attribute, new Epoch(1))).isEqualTo(3);
    assertThat(history.state().copiesIn(attribute, new Epoch(2))).isEqualTo(1);
    assertThat(remembered().unwritten()).isNull();
  }

  @Test
  void whatIsSetAlreadyChangesNothing() {
    assertThat(history.by(1, new AlterCopies(alice, 3))).isEqualTo(done());
    assertThat(history.by(1, new AlterCopies(VdiId.NONE, 3))).isEqualTo(done());
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(remembered()).isEqualTo(CopiesHistory.NONE);
  }

  @Test
  void aSecondChangeWaitsUntilTheInodeSaysTheFirst() {
    history.by(1, new AlterCopies(alice, 2));
    assertThat(remembered().isUnwritten(alice)).isTrue();
    assertThat(history.by(1, new AlterCopies(alice, 1))).isEqualTo(refused(ResultCode.AGAIN));
    history.by(1, new CopiesWritten(alice, new Epoch(2)));
    assertThat(history.by(1, new AlterCopies(alice, 1))).isEqualTo(done());
  }

  @Test
  void whatACompleteEpochHasAndTheInodeSaysIsForgotten() {
    history.by(1, new AlterCopies(alice, 2));
    recovered(2);
    assertThat(remembered().changes()).hasSize(1);
    history.by(1, new CopiesWritten(alice, new Epoch(2)));
    assertThat(remembered()).isEqualTo(new CopiesHistory(new Epoch(2), List.of()));

    history.by(1, new AlterCopies(alice, 3));
    history.by(1, new CopiesWritten(alice, new Epoch(3)));
    assertThat(remembered().changes()).hasSize(1);
    recovered(3);
    assertThat(remembered()).isEqualTo(new CopiesHistory(new Epoch(3), List.of()));
  }

  @Test
  void onlyAWorkingVdiThatIsAloneIsChanged() {
    VdiId snapshot = alice;
    history.make(ReserveKind.SNAPSHOT, "Alice", alice);
    VdiId head = Objects.requireNonNull(history.state().directory().head("Alice")).vid();
    for (VdiId vid : List.of(snapshot, new VdiId(77))) {
      assertThat(history.by(1, new AlterCopies(vid, 2))).isEqualTo(refused(ResultCode.NO_VDI));
    }
    assertThat(history.by(1, new AlterCopies(head, 2)))
        .isEqualTo(refused(ResultCode.INVALID_PARMS));
    VdiId bob = history.create("Bob");
    history.make(ReserveKind.SNAPSHOT, "Bob", bob);
    history.reserve(ReserveKind.SNAPSHOT, "Carol", history.create("Carol"));
    VdiId carol = Objects.requireNonNull(history.state().directory().head("Carol")).vid();
    assertThat(history.by(1, new AlterCopies(carol, 2))).isEqualTo(refused(ResultCode.AGAIN));
  }

  @Test
  void numbersThatCannotBeAreRefused() {
    for (int copies : new int[] {0, 32}) {
      assertThat(history.by(1, new AlterCopies(alice, copies)))
          .isEqualTo(refused(ResultCode.INVALID_PARMS));
      assertThat(history.by(1, new AlterCopies(VdiId.NONE, copies)))
          .isEqualTo(refused(ResultCode.INVALID_PARMS));
    }
  }

  @Test
  void soManyChangesAreRememberedAndNoMore() {
    for (int i = 0; i < CopiesHistory.MOST; i++) {
      assertThat(history.by(1, new AlterCopies(VdiId.NONE, 1 + i % 2))).isEqualTo(done());
    }
    assertThat(history.by(1, new AlterCopies(VdiId.NONE, 9))).isEqualTo(refused(ResultCode.AGAIN));
    recovered(history.state().epoch().value());
    assertThat(history.by(1, new AlterCopies(VdiId.NONE, 9))).isEqualTo(done());
  }

  @Test
  void afterARestartAChangeThatTheInodeDoesNotSayYetIsValid() {
    VdiDirectory asInodesSay = history.state().directory();
    history.by(1, new AlterCopies(alice, 2));
    ClusterState restarted = history.state().withGathered(asInodesSay, List.of());
    assertThat(restarted.directory()).isEqualTo(history.state().directory());
  }
}
