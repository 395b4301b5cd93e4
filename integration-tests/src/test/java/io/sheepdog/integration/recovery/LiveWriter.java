package io.sheepdog.integration.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.process.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A {@code qemu-io} that writes one block after the other over one connection, each with a pattern
 * of its own, until it is told to finish: then all writes that it began are acknowledged.
 */
final class LiveWriter {
  private static final long MIB = 1 << 20;
  private static final long OBJECT = 4 * MIB;
  private static final long BLOCK = 64 << 10;
  private static final int OBJECTS = 16;
  private static final int PATTERNS = 255;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Bytes of the VDI that are written to. */
  static final long SIZE = OBJECTS * OBJECT;

  /**
   * Numbers i = 0, 1, ...: see {@link #offset} and {@link #pattern}. Lines are so long that the
   * pipe holds no more than 128 of them: those are carried out yet when it is to end.
   */
  private static final String SCRIPT =
      "i=0; while [ ! -e %1$s ]; do"
          + " printf 'write -P %%d %%-480d 65536\\n'"
          + " $((1 + i %% 255)) $((i %% 16 * 4194304 + i / 16 %% 64 * 65536));"
          + " i=$((i + 1)); done | stdbuf -oL qemu-io %2$s";

  /** "00.33 sec (", and from a second on "0:00:05.75 (". */
  private static final Pattern TIME = Pattern.compile(" ops; ([0-9:.]+) (?:sec )?\\(");

  private final Shell shell;
  private final Path stop;
  private final Path output;
  private final Process process;
  private int seen;

  private LiveWriter(Shell shell, Path stop, Path output, Process process) {
    this.shell = shell;
    this.stop = stop;
    this.output = output;
    this.process = process;
  }

  /**
   * Starts to write to a VDI.
   *
   * @param directory where its files are
   * @param name of its files
   */
  static LiveWriter start(Shell shell, String url, Path directory, String name) {
    Path stop = directory.resolve(name + ".stop");
    Path output = directory.resolve(name + ".out");
    Process process = shell.start(output, List.of("sh", "-c", SCRIPT.formatted(stop, url)));
    return new LiveWriter(shell, stop, output, process);
  }

  private static long offset(int number) {
    return number % OBJECTS * OBJECT + number / OBJECTS % (OBJECT / BLOCK) * BLOCK;
  }

  private static int pattern(int number) {
    return 1 + number % PATTERNS;
  }

  /** How many writes were acknowledged up to now. */
  int writes() {
    try {
      String said = Files.readString(output);
      assertThat(said).doesNotContain("failed").doesNotContain("rror");
      return writes(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int writes(String said) {
    return (int) said.lines().filter(line -> line.contains("wrote 65536/65536")).count();
  }

  /** How long the longest write took of those that ended since this was asked last. */
  Duration longest() throws IOException {
    String said = Files.readString(output);
    List<Duration> all =
        said.lines()
            .map(TIME::matcher)
            .filter(Matcher::find)
            .map(found -> duration(found.group(1)))
            .toList();
    // one behind each write, or a form of qemu-io's is unknown here
    assertThat(all).hasSizeBetween(writes(said) - 1, writes(said));
    List<Duration> news = all.subList(seen, all.size());
    seen = all.size();
    return news.stream().max(Duration::compareTo).orElse(Duration.ZERO);
  }

  /** Hours, minutes and seconds as qemu-io writes them; the larger ones may be missing. */
  private static Duration duration(String text) {
    double seconds = 0;
    for (String part : text.split(":", -1)) {
      seconds = seconds * 60 + Double.parseDouble(part);
    }
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /** Waits until more writes are acknowledged than now. */
  void awaitMore() {
    int wanted = writes() + OBJECTS;
    await("more than " + wanted + " writes").atMost(LIMIT).until(() -> writes() > wanted);
  }

  /** Ends after the writes under way; reads back through each URL all that was acknowledged. */
  void finishAndVerify(List<String> urls) throws IOException, InterruptedException {
    Files.createFile(stop);
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("the client ends").isTrue();
    assertThat(process.exitValue()).isZero();
    Map<Long, Integer> last = new TreeMap<>();
    int writes = writes();
    for (int number = 0; number < writes; number++) {
      last.put(offset(number), pattern(number));
    }
    String reads =
        last.entrySet().stream()
            .map(
                block ->
                    "-c 'read -q -P %d %d %d'".formatted(block.getValue(), block.getKey(), BLOCK))
            .collect(Collectors.joining(" "));
    for (String url : urls) {
      assertThat(shell.run(LIMIT, "qemu-io -r " + reads + " " + url).orFail().toString())
          .doesNotContain("failed")
          .doesNotContain("rror");
    }
  }
}
