package io.sheepdog.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What systemd is told. */
@Timeout(20)
final class ServiceNoticeTest {
  private final List<String> told = new ArrayList<>();

  @Test
  void systemdLearnsWhichProcessIsReadyAndWhenItEnds() {
    ServiceNotice notice = new ServiceNotice(told::add);

    notice.ready();
    notice.stopping();

    assertThat(told).hasSize(2);
    assertThat(told.get(0).lines())
        .contains("READY=1", "MAINPID=" + ProcessHandle.current().pid())
        .anyMatch(line -> line.startsWith("STATUS="));
    assertThat(told.get(1)).isEqualTo("STOPPING=1");
  }

  @Test
  void aSystemdThatCannotBeToldDoesNotEndTheNode() {
    ServiceNotice notice =
        new ServiceNotice(
            state -> {
              throw new IOException("sd_notify failed with errno 111");
            });

    assertThatCode(notice::ready).doesNotThrowAnyException();
    assertThatCode(notice::stopping).doesNotThrowAnyException();
  }

  @Test
  void withoutSystemdNobodyIsTold() throws StartException {
    ServiceNotice notice = ServiceNotice.of(Map.of());

    assertThatCode(notice::ready).doesNotThrowAnyException();
  }
}
