package io.sheepdog.nativebindings.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.CsError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class RequesterTest {
  private final FakeConnection corosync = new FakeConnection();
  private final RequestQueue queue = new RequestQueue();
  private final CompletableFuture<Optional<Exception>> end = new CompletableFuture<>();
  private final Requester requester =
      new Requester(corosync, "g", queue, cause -> end.complete(Optional.ofNullable(cause)));
  private final Thread thread = new Thread(requester::work);

  @AfterEach
  void stop() throws InterruptedException {
    queue.end();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void requestsAreMadeInOrderUntilTheProcessHasLeft() throws Exception {
    ask(new Request.Join(), message("a"), message("b"), new Request.Leave(true), message("late"));
    thread.start();
    assertThat(end.get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(corosync.taken).containsExactly("join g", "a", "b", "leave g");
  }

  @ParameterizedTest
  @EnumSource(names = {"CS_ERR_TRY_AGAIN", "CS_ERR_QUEUE_FULL", "CS_ERR_INTERRUPT"})
  void busyCorosyncIsAskedAgainAndOrderStays(CsError busy) {
    corosync.refusal = busy;
    corosync.refusals.set(6);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ask(message("m" + i));
      expected.add("m" + i);
    }
    thread.start();
    Awaitility.await().untilAsserted(() -> assertThat(corosync.taken).isEqualTo(expected));
    assertThat(corosync.attempts).hasValue(11);
  }

  @Test
  void nothingIsSentWhileFlowControlIsOn() {
    corosync.flowControlled.set(4);
    ask(message("a"));
    thread.start();
    Awaitility.await().untilAsserted(() -> assertThat(corosync.taken).containsExactly("a"));
    assertThat(corosync.attempts).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"CS_ERR_LIBRARY", "CS_ERR_BAD_HANDLE", "CS_ERR_EXIST", "CS_ERR_ACCESS"})
  void otherErrorsEndTheWork(CsError error) throws Exception {
    corosync.refusal = error;
    corosync.refusals.set(1);
    ask(new Request.Join(), message("a"));
    thread.start();
    assertThat(end.get(10, TimeUnit.SECONDS))
        .hasValueSatisfying(
            cause ->
                assertThat(cause)
                    .isInstanceOf(CorosyncException.class)
                    .hasMessage("cpg_join answered " + error));
    assertThat(corosync.taken).isEmpty();
  }

  @Test
  void endOfTheQueueEndsWaitingForABusyCorosync() throws InterruptedException {
    corosync.refusals.set(Integer.MAX_VALUE);
    ask(message("a"));
    thread.start();
    Awaitility.await().until(() -> corosync.attempts.get() > 2);
    queue.end();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(end).isNotDone();
  }

  @Test
  void moreRequestsThanTheBoundAreRefused() {
    for (int i = 0; i < RequestQueue.MAX_REQUESTS; i++) {
      assertThat(queue.add(message("m"))).isTrue();
    }
    assertThat(queue.add(message("m"))).isFalse();
  }

  @Test
  void moreBytesThanTheBoundAreRefusedUntilSomeAreTaken() throws InterruptedException {
    Request half = new Request.Multicast(new byte[(int) (RequestQueue.MAX_BYTES / 2)]);
    ask(half, half);
    assertThat(queue.add(message("m"))).isFalse();
    assertThat(queue.take()).isSameAs(half);
    assertThat(queue.add(message("m"))).isTrue();
  }

  private void ask(Request... requests) {
    for (Request request : requests) {
      assertThat(queue.add(request)).isTrue();
    }
  }

  private static Request message(String text) {
    return new Request.Multicast(text.getBytes(StandardCharsets.UTF_8));
  }
}
