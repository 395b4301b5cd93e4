package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code node stat}, {@code node md}, {@code node log} and {@code node kill}. */
@Timeout(60)
final class NodeCommandsTest {
  private final FakeWorld world = new FakeWorld();
  private FakeDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
    world.node("127.0.0.1:" + daemon.port(), 0).node("127.0.0.1:1", 1);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  private Result collie(String command) {
    return Tool.collie().at(daemon).run(command);
  }

  private Result dog(String command) {
    return Tool.dog().at(daemon).run(command);
  }

  @Test
  void statisticsAreInTheOrderOfTheirHeading() {
    assertThat(dog("node stat").out())
        .isEqualTo(
            "Request\tActive\tTotal\tWrite\tRead\tRemove\tFlush\tAll WR\tAll RD\n"
                + "Client\t1\t3\t11\t10\t9\t12\t5.0 MB\t6.0 MB\n"
                + "Peer\t2\t4\t15\t14\t13\t0\t7.0 MB\t8.0 MB\n");
    assertThat(dog("node stat -r").out())
        .isEqualTo(
            "1\t3\t11\t10\t9\t12\t5242880\t6291456\n2\t4\t15\t14\t13\t0\t7340032\t8388608\n");
    assertThat(collie("node stat -o json").out())
        .contains("\"client\" : {", "\"writes\" : 11", "\"bytes_sent\" : 6291456");
    world.unformatted();
    assertThat(dog("node stat").code()).isEqualTo(1);
  }

  @Test
  void theDirectoryOfANodeIsShown() {
    assertThat(dog("node md info").out())
        .isEqualTo(
            "Id\tSize\tUsed\tAvail\tUse%\tPath\n 0\t40 GB\t10 GB\t30 GB\t 25%\t/store/obj\n");
    assertThat(dog("node md info -r").out())
        .isEqualTo(
            "127.0.0.1:"
                + daemon.port()
                + " 0 42949672960 10737418240 32212254720 25% /store/obj\n");
    Result all = dog("node md info -A");
    assertThat(all.out()).contains("Node 0:\n 0\t40 GB");
    assertThat(all.err()).startsWith("127.0.0.1:1: failed to connect to 127.0.0.1:1");
    assertThat(all.code()).isEqualTo(1);
    assertThat(collie("node md info -o json").out()).contains("\"path\" : \"/store/obj\"");
    assertThat(dog("node md plug").code()).isEqualTo(64);
  }

  @Test
  void theLogLevelIsShownAndChanged() {
    assertThat(dog("node log level get").out()).isEqualTo("info (6)\n");
    assertThat(dog("node log level set debug").out()).isEmpty();
    assertThat(world.logLevel).isEqualTo(7);
    assertThat(dog("node log level list").out())
        .startsWith("emerg\t(0)\nalert\t(1)\n")
        .endsWith("debug\t(7)\n");
    Result wrong = dog("node log level set loud");
    assertThat(wrong.code()).isEqualTo(255);
    assertThat(wrong.err()).startsWith("Invalid log level 'loud'");
    assertThat(dog("node log level").code()).isEqualTo(64);
    assertThat(dog("node log volume get").code()).isEqualTo(64);
  }

  @Test
  void oneNodeIsStopped() {
    assertThat(dog("node kill").code()).isEqualTo(64);
    assertThat(dog("node kill 0 -l").code()).isEqualTo(64);
    Result unknown = dog("node kill 7");
    assertThat(unknown.code()).isEqualTo(64);
    assertThat(unknown.err()).startsWith("Invalid node id '7'");
    assertThat(world.requests(Opcode.KILL_NODE)).isEmpty();
    Result local = dog("node kill -l");
    assertThat(local.code()).isZero();
    assertThat(local.out() + local.err()).isEmpty();
    assertThat(dog("node kill 0").code()).isZero();
    assertThat(world.requests(Opcode.KILL_NODE)).hasSize(2);
    assertThat(dog("node kill 1").err()).startsWith("failed to connect to 127.0.0.1:1");
  }
}
