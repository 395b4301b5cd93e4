package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A member in a process of its own. Prints its history, one line per event. Standard input: {@code
 * send N} sends N numbered messages, {@code leave} leaves.
 */
final class MemberProcess implements ClusterDriver.Listener {
  private final PrintStream out;

  private MemberProcess(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ExecutorService loop = Executors.newSingleThreadExecutor();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    LocalClusterDriver driver =
        new LocalClusterDriver(Path.of(arguments[0]), loop, Long.parseLong(arguments[1]));
    out.println("self " + driver.self());
    loop.execute(() -> driver.join(new MemberProcess(out)));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int sent = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("leave")) {
        break;
      }
      int count = Integer.parseInt(line.substring("send ".length()));
      for (int i = 0; i < count; i++) {
        byte[] message = ("m" + sent++).getBytes(StandardCharsets.UTF_8);
        loop.execute(() -> driver.multicast(message));
      }
    }
    loop.execute(driver::leave);
    loop.submit(() -> {}).isDone();
    loop.shutdown();
    if (!driver.awaitEnd(Duration.ofSeconds(20))) {
      throw new IllegalStateException("did not leave in time");
    }
  }

  @Override
  public void membership(
      List<MemberId> members, List<MemberId> joined, Map<MemberId, ClusterDriver.Departure> left) {
    out.println("view " + members + " joined " + joined + " left " + left);
  }

  @Override
  public void delivered(MemberId sender, byte[] message) {
    out.println("message " + sender + " " + new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public void failed(String reason) {
    out.println("failed " + reason);
  }
}
