package io.sheepdog.daemon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the event file: torn ends, damage, growth; and how fast it is. */
@Timeout(60)
class LocalEventFileTest {
  @TempDir Path base;
  private final ExecutorService loop = Executors.newSingleThreadExecutor();
  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void everybodyLeaves() throws InterruptedException {
    for (Node node : nodes) {
      loop.execute(node.driver::leave);
    }
    for (Node node : nodes) {
      assertThat(node.driver.awaitEnd(Duration.ofSeconds(10))).isTrue();
    }
    loop.shutdown();
  }

  @Test
  void recordTornByADyingWriterIsCutOff() throws IOException {
    Node first = start(1 << 20);
    Node second = start(1 << 20);
    EventRecord whole = EventRecord.message(new MemberId(1), new byte[500]);
    ByteBuffer bytes = ByteBuffer.allocate(whole.size());
    whole.encode(bytes);
    bytes.flip().limit(300);
    append(bytes);
    second.send("after");
    await().until(() -> first.messages.equals(List.of("after")));
    await().until(() -> second.messages.equals(List.of("after")));
    Node third = start(1 << 20);
    assertThat(third.failures).isEmpty();
  }

  @Test
  void damageInTheFileIsReportedWithWhatToDo() throws IOException {
    Node first = start(1 << 20);
    append(
        ByteBuffer.wrap("this is no record, somebody wrote here".getBytes(StandardCharsets.UTF_8)));
    await().until(() -> !first.failures.isEmpty());
    assertThat(first.failures).hasSize(1);
    assertThat(first.failures.get(0))
        .contains("events.1 is damaged at byte")
        .contains("start them again");
    assertThat(first.messages).isEmpty();
  }

  @Test
  void failureIsReportedWhenTheDirectoryCannotBeUsed() throws IOException {
    Files.createFile(base.resolve("group"));
    Node node = new Node(1 << 20);
    loop.execute(() -> node.driver.join(node));
    await().until(() -> !node.failures.isEmpty());
    assertThat(node.failures.get(0)).contains("is not a directory");
  }

  @Test
  void filesDoNotGrowWithoutBound() throws IOException {
    Node first = start(10_000);
    Node second = start(10_000);
    String message = "x".repeat(1000);
    // what waits while a file is written goes into it as one batch, so no more waits than this
    for (int sent = 0; sent < 500; sent += 50) {
      for (int i = 0; i < 50; i++) {
        first.send(message);
      }
      int all = sent + 50;
      await().until(() -> first.messages.size() == all && second.messages.size() == all);
    }
    // One more file for the one being read when the last was begun, and the batch that crossed the
    // limit.
    first.send("last");
    await().until(() -> second.messages.size() == 501);
    assertThat(bytesOnDisk()).isLessThan(250_000);
  }

  @Test
  void memberFilesOfDeadProcessesAreRemoved() throws Exception {
    Node first = start(1 << 20);
    Node second = start(1 << 20);
    second.driver.kill();
    await().until(() -> first.lastMembers.equals(List.of(first.driver.self())));
    await().until(() -> files("member.").size() == 1);
  }

  @Test
  void orderedMessageReachesThreeMembersWellWithinTenMilliseconds() throws IOException {
    List<Node> three = List.of(start(1 << 20), start(1 << 20), start(1 << 20));
    List<Long> micros = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      int expected = i;
      long sent = System.nanoTime();
      three.get(i % 3).send("m" + i);
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(100, TimeUnit.MICROSECONDS)
          .until(() -> three.stream().allMatch(node -> node.messages.size() == expected));
      micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sent));
    }
    Collections.sort(micros);
    // The median: single ones may fall into a pause of the machine.
    assertThat(micros.get(100)).as("microseconds %s", micros).isLessThan(10_000);
  }

  private void append(ByteBuffer bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(base.resolve("group/events.1"), StandardOpenOption.APPEND)) {
      file.write(bytes);
    }
  }

  private List<Path> files(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(base.resolve("group"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private long bytesOnDisk() throws IOException {
    long sum = 0;
    for (Path file : files("events.")) {
      sum += Files.size(file);
    }
    return sum;
  }

  private Node start(long maxFileBytes) {
    Node node = new Node(maxFileBytes);
    loop.execute(() -> node.driver.join(node));
    await().until(() -> node.lastMembers.contains(node.driver.self()));
    return node;
  }

  private final class Node implements ClusterDriver.Listener {
    final LocalClusterDriver driver;
    final List<String> messages = new CopyOnWriteArrayList<>();
    final List<String> failures = new CopyOnWriteArrayList<>();
    volatile List<MemberId> lastMembers = List.of();

    Node(long maxFileBytes) {
      driver = new LocalClusterDriver(base.resolve("group"), loop, maxFileBytes);
      nodes.add(this);
    }

    void send(String text) {
      loop.execute(() -> driver.multicast(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void membership(
        List<MemberId> members,
        List<MemberId> joined,
        Map<MemberId, ClusterDriver.Departure> left) {
      lastMembers = List.copyOf(members);
    }

    @Override
    public void delivered(MemberId sender, byte[] message) {
      messages.add(new String(message, StandardCharsets.UTF_8));
    }

    @Override
    public void failed(String reason) {
      failures.add(reason);
    }
  }
}
