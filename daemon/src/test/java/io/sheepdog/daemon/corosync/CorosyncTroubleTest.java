package io.sheepdog.daemon.corosync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import io.sheepdog.nativebindings.cfg.NodeAddresses;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class CorosyncTroubleTest {
  private static final BooleanSupplier NO_PROCESS = () -> false;

  @ParameterizedTest
  @EnumSource(names = {"CS_ERR_LIBRARY", "CS_ERR_TRY_AGAIN", "CS_ERR_BAD_HANDLE"})
  void corosyncThatDoesNotAnswerIsToBeStarted(CsError error) {
    assertThat(CorosyncTrouble.sentence(new CorosyncException("cpg_dispatch", error), "sheep"))
        .isEqualTo(
            "corosync is not running, or stopped answering (cpg_dispatch answered "
                + error
                + "); start it with /usr/sbin/corosync, or use -c local for several sheep on one"
                + " host");
  }

  @Test
  void userWhomCorosyncDoesNotLetInIsToldWhichFileToWrite() {
    assertThat(
            CorosyncTrouble.sentence(
                new CorosyncException("cpg_model_initialize", CsError.CS_ERR_ACCESS), "ann"))
        .isEqualTo(
            "corosync does not let user ann in; write the file /etc/corosync/uidgid.d/ann with the"
                + " content \"uidgid {\", \"  uid: ann\", \"}\", one a line, and start corosync again;"
                + " or run sheep as root");
  }

  @Test
  void firstAddressIsTheNode() throws Exception {
    InetAddress first = InetAddress.getByName("198.18.0.11");
    InetAddress second = InetAddress.getByName("198.18.1.11");
    assertThat(CorosyncHost.address(known(List.of(first, second)), NO_PROCESS)).isEqualTo(first);
  }

  @Test
  void nodeWithoutAddressIsTroubleInTheConfiguration() {
    assertThatThrownBy(() -> CorosyncHost.address(known(List.of()), NO_PROCESS))
        .isInstanceOf(CorosyncHost.UnavailableException.class)
        .hasMessageContaining("nodelist in /etc/corosync/corosync.conf");
  }

  @Test
  void corosyncThatRunsAndDoesNotAnswerYetIsWorthWaitingFor() {
    Duration absent = refusal(CsError.CS_ERR_LIBRARY, NO_PROCESS).patience();
    assertThat(absent).isPositive();
    assertThat(refusal(CsError.CS_ERR_LIBRARY, () -> true).patience()).isGreaterThan(absent);
    assertThat(refusal(CsError.CS_ERR_TRY_AGAIN, () -> true).patience()).isGreaterThan(absent);
    assertThat(refusal(CsError.CS_ERR_ACCESS, () -> true).patience()).isZero();
  }

  private static CorosyncHost.UnavailableException refusal(CsError error, BooleanSupplier runs) {
    NodeAddresses refusing =
        new NodeAddresses() {
          @Override
          public List<InetAddress> ofThisNode() throws CorosyncException {
            throw new CorosyncException("corosync_cfg_initialize", error);
          }

          @Override
          public List<InetAddress> of(int nodeId) {
            throw new AssertionError("asked for node " + nodeId);
          }
        };
    return assertThrows(
        CorosyncHost.UnavailableException.class, () -> CorosyncHost.address(refusing, runs));
  }

  private static NodeAddresses known(List<InetAddress> addresses) {
    return new NodeAddresses() {
      @Override
      public List<InetAddress> ofThisNode() {
        return addresses;
      }

      @Override
      public List<InetAddress> of(int nodeId) {
        throw new AssertionError("asked for node " + nodeId);
      }
    };
  }
}
