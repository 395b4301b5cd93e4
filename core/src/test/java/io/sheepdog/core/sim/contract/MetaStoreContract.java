package io.sheepdog.core.sim.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.CopiesChange;
import io.sheepdog.core.cluster.CopiesHistory;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.core.cluster.ForcedStart;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.core.spi.MetaStore;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link MetaStore} does. */
@Timeout(60)
public abstract class MetaStoreContract {
  private static final SheepTime TIME = new SheepTime(1_274_054_400L << 32 | 123_456_000);
  private static final ClusterConfig CONFIG = new ClusterConfig(TIME, 3, 0, 22, 0x000c);

  /** The loop on which the store is called and completes its stages. */
  protected abstract ContractLoop loop();

  /**
   * The store under test: new when a test begins, the same one during a test until {@link #reopen}.
   */
  protected abstract MetaStore store();

  /**
   * Closes the store in order and opens it again from what it kept; {@link #store} then gives the
   * new one.
   */
  protected abstract void reopen();

  @Test
  void newStoreNeverTookPartInAFormat() {
    loop()
        .run(
            () -> {
              assertThat(store().config()).isNull();
              assertThat(store().cleanShutdown()).isFalse();
              assertThat(store().epochs()).isEmpty();
            });
  }

  @Test
  void identityAndWeightStayTheSame() {
    long id = loop().ask(() -> store().storeId());
    long space = loop().ask(() -> store().announcedSpace());
    assertThat(id).isNotZero();
    assertThat(space).isNotNegative();
    reopen();
    assertThat(loop().ask(() -> store().storeId())).isEqualTo(id);
    assertThat(loop().ask(() -> store().announcedSpace())).isEqualTo(space);
  }

  @Test
  void whatANodeWeighsIsKeptBesideTheConfiguration() {
    loop().complete(() -> store().saveConfig(CONFIG, true));
    assertThat(loop().complete(() -> store().saveSpace(1L << 59))).isEqualTo(StoreStatus.OK);
    assertThat(loop().ask(() -> store().announcedSpace())).isEqualTo(1L << 59);
    reopen();
    assertThat(loop().ask(() -> store().announcedSpace())).isEqualTo(1L << 59);
    assertConfig(CONFIG, true);
  }

  @Test
  void configurationIsKept() {
    assertThat(loop().complete(() -> store().saveConfig(CONFIG, false))).isEqualTo(StoreStatus.OK);
    assertConfig(CONFIG, false);
    reopen();
    assertConfig(CONFIG, false);
  }

  @Test
  void newerConfigurationReplacesTheOlder() {
    ClusterConfig newer =
        new ClusterConfig(
            new SheepTime(1_300_000_000L << 32),
            1,
            0,
            20,
            0,
            List.of(new ForcedStart(new Epoch(-1), -1), new ForcedStart(new Epoch(7), 1)),
            new CopiesHistory(
                new Epoch(-2),
                List.of(
                    new CopiesChange(VdiId.NONE, new Epoch(-1), 31, 1, true),
                    new CopiesChange(new VdiId(0xffffff), new Epoch(9), 2, 3, false))));
    loop().complete(() -> store().saveConfig(CONFIG, false));
    loop().complete(() -> store().saveConfig(newer, true));
    assertConfig(newer, true);
    reopen();
    assertConfig(newer, true);
  }

  @Test
  void howFarRecoveryHasComeIsKeptBesideTheConfiguration() {
    RecoveryMark mark = new RecoveryMark(new Epoch(0xffff_fff0), true);
    assertRecovery(RecoveryMark.NONE);
    loop().complete(() -> store().saveConfig(CONFIG, true));
    assertThat(loop().complete(() -> store().saveRecovery(mark))).isEqualTo(StoreStatus.OK);
    assertRecovery(mark);
    reopen();
    assertRecovery(mark);
    assertConfig(CONFIG, true);
  }

  @Test
  void howFarRecoveryHasComeIsForgottenWithTheEpochs() {
    loop().complete(() -> store().saveEpoch(record(1, 2)));
    loop().complete(() -> store().saveRecovery(new RecoveryMark(new Epoch(1), false)));
    loop().complete(() -> store().clearEpochs());
    assertRecovery(RecoveryMark.NONE);
    reopen();
    assertRecovery(RecoveryMark.NONE);
  }

  private void assertRecovery(RecoveryMark mark) {
    assertThat(loop().ask(() -> store().recovery())).isEqualTo(mark);
  }

  @Test
  void epochsAreKeptInAscendingOrder() {
    for (int epoch : new int[] {2, 1, 10, 9}) {
      assertThat(loop().complete(() -> store().saveEpoch(record(epoch, 2))))
          .isEqualTo(StoreStatus.OK);
    }
    List<EpochRecord> expected = List.of(record(1, 2), record(2, 2), record(9, 2), record(10, 2));
    assertThat(loop().ask(() -> store().epochs())).isEqualTo(expected);
    reopen();
    assertThat(loop().ask(() -> store().epochs())).isEqualTo(expected);
  }

  @Test
  void epochLoggedAgainReplacesTheOlder() {
    loop().complete(() -> store().saveEpoch(record(4, 2)));
    loop().complete(() -> store().saveEpoch(record(4, 3)));
    assertThat(loop().ask(() -> store().epochs())).containsExactly(record(4, 3));
    reopen();
    assertThat(loop().ask(() -> store().epochs())).containsExactly(record(4, 3));
  }

  @Test
  void clearedEpochsAreGone() {
    loop().complete(() -> store().saveEpoch(record(1, 2)));
    loop().complete(() -> store().saveEpoch(record(2, 1)));
    assertThat(loop().complete(() -> store().clearEpochs())).isEqualTo(StoreStatus.OK);
    assertThat(loop().ask(() -> store().epochs())).isEmpty();
    reopen();
    assertThat(loop().ask(() -> store().epochs())).isEmpty();
    loop().complete(() -> store().saveEpoch(record(1, 3)));
    assertThat(loop().ask(() -> store().epochs())).containsExactly(record(1, 3));
  }

  private void assertConfig(ClusterConfig config, boolean cleanShutdown) {
    loop()
        .run(
            () -> {
              assertThat(store().config()).isEqualTo(config);
              assertThat(store().cleanShutdown()).isEqualTo(cleanShutdown);
            });
  }

  private static EpochRecord record(int epoch, int nodes) {
    List<EpochNode> list =
        IntStream.range(0, nodes)
            .mapToObj(
                i ->
                    new EpochNode(
                        NodeEntry.of(
                            NodeAddress.parse("192.50.109.18" + i + ":7000"), 128, i, 1000L * i),
                        0x1234_5678_9abc_def0L + i))
            .toList();
    return new EpochRecord(new Epoch(epoch), TIME, list);
  }
}
