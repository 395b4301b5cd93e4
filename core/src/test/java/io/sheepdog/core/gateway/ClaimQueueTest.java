package io.sheepdog.core.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class ClaimQueueTest {
  private final ClaimQueue<String> queue = new ClaimQueue<>();
  private final List<String> begun = new ArrayList<>();

  private final class Work {
    private final String name;
    private final CompletableFuture<String> end = new CompletableFuture<>();

    Work(String name) {
      this.name = name;
    }

    CompletionStage<String> start() {
      begun.add(name);
      return end;
    }
  }

  private Work run(String name, long from, long to) {
    Work work = new Work(name);
    queue.enter("key", from, to).run(work::start);
    return work;
  }

  @Test
  void whatOverlapsRunsOneAfterTheOtherInTheOrderInWhichItCame() {
    Work first = run("first", 0, 10);
    Work second = run("second", 5, 15);
    run("third", 9, 12);
    assertThat(begun).containsExactly("first");

    first.end.complete("");
    assertThat(begun).containsExactly("first", "second");
    second.end.complete("");
    assertThat(begun).containsExactly("first", "second", "third");
  }

  @Test
  void whatDoesNotOverlapRunsAtTheSameTime() {
    run("first", 0, 10);
    run("second", 10, 20);
    queue.enter("another key", 0, 10).run(new Work("third")::start);

    assertThat(begun).containsExactly("first", "second", "third");
  }

  @Test
  void whatCameLaterDoesNotOvertakeWhatWaits() {
    Work first = run("first", 0, 10);
    run("second", 5, 15);
    run("third", 12, 20);
    assertThat(begun).containsExactly("first");

    first.end.complete("");
    assertThat(begun).containsExactly("first", "second");
  }

  @Test
  void aPlaceIsKeptForWorkThatStartsLater() {
    ClaimQueue<String>.Claim place = queue.enter("key", 0, 10);
    run("second", 0, 1);
    assertThat(begun).isEmpty();

    Work first = new Work("first");
    place.run(first::start);
    first.end.complete("");
    assertThat(begun).containsExactly("first", "second");
  }

  @Test
  void whatGoesFirstWaitsOnlyForWhatHasBegun() {
    Work begunEarlier = run("begun", 0, 10);
    queue.enter("key", 0, 10);
    run("waiting", 0, 10);
    Work urgent = new Work("urgent");
    queue.enterFirst("key", 0, 10).run(urgent::start);
    assertThat(begun).containsExactly("begun");

    begunEarlier.end.complete("");
    assertThat(begun).containsExactly("begun", "urgent");
  }

  @Test
  void whatOnlyLooksWaitsForWhatIsAheadButNotForItsLike() {
    Work change = run("change", 0, 10);
    Work look = new Work("look");
    queue.share("key", 5, 6, look::start);
    queue.share("key", 5, 6, new Work("another look")::start);
    queue.share("key", 10, 11, new Work("beside it")::start);
    run("later change", 5, 6);
    assertThat(begun).containsExactly("change", "beside it");

    change.end.complete("");
    assertThat(begun).containsExactly("change", "beside it", "look", "another look");
    look.end.complete("");
    assertThat(begun).doesNotContain("later change");
  }

  @Test
  void failedWorkMakesRoomToo() {
    CompletableFuture<String> result =
        queue
            .enter("key", 0, 10)
            .<String>run(
                () -> {
                  throw new IllegalStateException("no");
                })
            .toCompletableFuture();
    run("second", 0, 10);

    assertThat(result).isCompletedExceptionally();
    assertThat(begun).containsExactly("second");
  }
}
