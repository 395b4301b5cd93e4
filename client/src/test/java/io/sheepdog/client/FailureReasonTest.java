package io.sheepdog.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  @Test
  void aRefusalIsOneInEveryLanguage() {
    assertThat(
            FailureReason.of(
                new ConnectException(
                    "finishConnect(..) failed with error(-111): 接続を拒否されました: /127.0.0.1:1")))
        .isEqualTo(FailureReason.REFUSED);
    assertThat(FailureReason.of(new ConnectException("Connection refused: /127.0.0.1:1")))
        .isEqualTo(FailureReason.REFUSED);
  }

  @Test
  void anotherFailureIsNoRefusal() {
    assertThat(FailureReason.of(new ConnectException("connection timed out: /127.0.0.1:1")))
        .isEqualTo("Connection timed out");
    assertThat(
            FailureReason.of(
                new ConnectException("connect(..) failed with error(-1): Operation not permitted")))
        .isNotEqualTo(FailureReason.REFUSED);
  }
}
