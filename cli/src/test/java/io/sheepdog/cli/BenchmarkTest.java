package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code benchmark io}: what it asks of the cluster, and what it leaves. */
@Timeout(60)
final class BenchmarkTest {
  private static final int KIB = 1 << 10;

  private final FakeWorld world =
      new FakeWorld().node("127.0.0.1:1", 0).node("127.0.0.1:2", 1).node("127.0.0.1:3", 2);
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result collie(String command) {
    return Tool.collie().at(daemon).run(command);
  }

  private Result done(String command) {
    Result result = collie(command);
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  /** Requests about data objects, in their order. */
  private List<Request> data(Opcode opcode) {
    return world.requests(opcode).stream()
        .filter(request -> ((ObjectBody) request.body()).oid().kind() == ObjectKind.DATA)
        .toList();
  }

  private static long place(Request request) {
    ObjectBody body = (ObjectBody) request.body();
    return (body.oid().index() << 22) + body.offset();
  }

  @Test
  void allWorkloadsAreMeasuredOnAnImageOfItsOwnWhichIsDeleted() {
    Result result = done("bench --size 16M -t 40 -n 4");
    List<String> rows = result.out().lines().toList();
    assertThat(rows).hasSize(6);
    assertThat(rows.get(0))
        .matches("workload +KiB +depth +requests +MiB/s +per s +p50 us +p99 us +p99.9 us +max us");
    assertThat(rows.get(1)).matches("fill +4096 +4 +4( +[0-9.]+){6}");
    assertThat(rows.get(2)).matches("write +1024 +4 +40( +[0-9.]+){6}");
    assertThat(rows.get(3)).matches("read +1024 +4 +40( +[0-9.]+){6}");
    assertThat(rows.get(4)).matches("randwrite +4 +4 +40( +[0-9.]+){6}");
    assertThat(rows.get(5)).matches("randread +4 +4 +40( +[0-9.]+){6}");
    assertThat(result.err()).isEmpty();
    assertThat(collie("vdi list -r").out()).isEmpty();
  }

  @Test
  void sequentialIsInARowAndRandomIsNot() {
    done("benchmark io --size 8M -t 5 -n 1 -b 1M -w read,randread");
    List<Long> places = data(Opcode.READ_OBJ).stream().map(BenchmarkTest::place).toList();
    long mib = KIB * KIB;
    assertThat(places.subList(0, 5)).containsExactly(0L, mib, 2 * mib, 3 * mib, 4 * mib);
    assertThat(places.subList(5, 10))
        .isNotEqualTo(places.subList(0, 5))
        .allMatch(place -> place % mib == 0 && place < 8 * mib)
        .satisfies(random -> assertThat(random.stream().distinct().count()).isGreaterThan(1));
  }

  @Test
  void writesAreDurableUnlessAskedOtherwiseAndThenFlushed() {
    done("bench --size 4M -t 3 -w randwrite");
    assertThat(data(Opcode.WRITE_OBJ))
        .hasSize(3)
        .allMatch(request -> request.dataLength() == 4 * KIB)
        .noneMatch(request -> request.hasFlag(RequestFlags.CACHE));
    assertThat(world.requests(Opcode.FLUSH_VDI)).isEmpty();
    done("bench --size 4M -t 3 -w randwrite --writeback");
    assertThat(data(Opcode.WRITE_OBJ).subList(3, 6))
        .allMatch(request -> request.hasFlag(RequestFlags.CACHE));
    assertThat(world.requests(Opcode.FLUSH_VDI)).hasSize(1);
  }

  @Test
  void anImageThatIsNamedIsOnlyRead() {
    done("vdi create Alice 20M");
    Tool.collie().at(daemon).piping(new byte[] {1}).run("vdi write Alice 9M");
    int writes = world.requests(Opcode.WRITE_OBJ).size();
    Result result = done("bench -t 10 Alice");
    assertThat(result.out().lines().map(line -> line.split(" ")[0]))
        .containsExactly("workload", "read", "randread");
    assertThat(data(Opcode.READ_OBJ)).hasSize(20).allMatch(request -> place(request) >> 22 == 2);
    assertThat(world.requests(Opcode.WRITE_OBJ)).hasSize(writes);
    assertThat(collie("vdi list -r Alice").out()).isNotEmpty();
    assertThat(Tool.dog().at(daemon).run("bench -w write Alice").code()).isEqualTo(64);
    done("vdi create Bob 4M");
    assertThat(collie("bench Bob").err()).isEqualTo("Bob has no data to read\n");
  }

  @Test
  void programsGetJsonAndScriptsRows() {
    assertThat(done("bench --size 4M -t 3 -w read -o json").out())
        .contains("\"workload\" : \"fill\"", "\"block_size\" : 1048576", "\"p99_9\" : ");
    assertThat(done("bench --size 4M -t 3 -w read -r").out())
        .matches("fill 4194304 16 1( \\d+){6}\nread 1048576 16 3( \\d+){6}\n");
  }

  @Test
  void whatFailsIsSaidAndTheImageIsDeletedAllTheSame() {
    world.failures.put(Opcode.WRITE_OBJ, ResultCode.NO_SPACE);
    Result failed = collie("bench --size 4M -t 3");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).contains("Failed to write VDI benchmark-");
    assertThat(collie("vdi list -r").out()).isEmpty();
  }

  @Test
  void impossibleNumbersAreRefused() {
    for (String wrong :
        List.of("-n 0", "-n 33", "-b 3K", "-b 8M", "-t x", "--seconds 0", "--size 0", "-s one")) {
      assertThat(Tool.dog().at(daemon).run("bench " + wrong).code()).as(wrong).isEqualTo(64);
    }
    assertThat(world.requests).isEmpty();
  }
}
