package io.sheepdog.core.cluster;

import static io.sheepdog.core.cluster.History.address;
import static io.sheepdog.core.cluster.History.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the others go on without a member whose process lives. */
@Timeout(10)
class ComplaintRulesTest {
  private static Outcome silent(History history, int accuser, int accused) {
    return history.by(accuser, new Complaint(member(accused), true));
  }

  private static Outcome answers(History history, int accuser, int accused) {
    return history.by(accuser, new Complaint(member(accused), false));
  }

  @Test
  void theComplaintOfAMajorityEndsAMembershipAndTheEpoch() {
    History history = History.running(4);
    assertThat(silent(history, 1, 4)).isInstanceOf(Outcome.Done.class);
    assertThat(silent(history, 2, 4)).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().epoch()).isEqualTo(new Epoch(1));
    assertThat(silent(history, 3, 4)).isEqualTo(new Outcome.Evicted(member(4), address(4)));
    assertThat(history.state().members()).doesNotContainKey(member(4));
    assertThat(history.state().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void oneThatComplainsOftenIsOne() {
    History history = History.running(3);
    silent(history, 1, 3);
    silent(history, 1, 3);
    assertThat(history.state().members()).containsKey(member(3));
  }

  @Test
  void aComplaintThatIsTakenBackDoesNotCount() {
    History history = History.running(3);
    silent(history, 1, 3);
    answers(history, 1, 3);
    assertThat(silent(history, 2, 3)).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().members()).containsKey(member(3));
  }

  @Test
  void theComplaintOfAFormerMemberDoesNotCount() {
    History history = History.running(4);
    silent(history, 1, 4);
    silent(history, 2, 4);
    history.leave(1, Departure.PROCESS_DIED);
    // two of the three that are left would be enough; one of them has complained
    assertThat(history.state().members()).containsKey(member(4));
    assertThat(silent(history, 3, 4)).isInstanceOf(Outcome.Evicted.class);
  }

  @Test
  void ofTwoMembersNeitherIsGivenUp() {
    History history = History.running(2);
    assertThat(silent(history, 1, 2)).isInstanceOf(Outcome.Done.class);
    assertThat(silent(history, 2, 1)).isInstanceOf(Outcome.Done.class);
    assertThat(history.state().members()).hasSize(2);
  }

  @Test
  void nobodyComplainsAboutItselfOrAboutAStranger() {
    History history = History.running(3);
    assertThat(silent(history, 1, 1)).isEqualTo(new Outcome.Refused(ResultCode.INVALID_PARMS));
    assertThat(silent(history, 1, 9)).isEqualTo(new Outcome.Refused(ResultCode.INVALID_PARMS));
  }

  @Test
  void whoComesBackStartsWithoutComplaints() {
    History history = History.running(3);
    silent(history, 1, 3);
    silent(history, 2, 3);
    history.leave(3, Departure.LEFT);
    history.join(3);
    Member back = Objects.requireNonNull(history.state().members().get(member(3)));
    assertThat(back.accusers()).isEmpty();
  }
}
