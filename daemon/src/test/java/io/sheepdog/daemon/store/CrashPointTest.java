package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.sheepdog.daemon.store.StoreAction.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Every sequence of up to three actions, crashed after every call to the disk: what was answered as
 * durable is there, nothing half-made shows, the store opens, no room is lost.
 */
@Timeout(600)
class CrashPointTest {
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.sheepdog.daemon.store");

  private static final List<StoreAction> ACTIONS =
      List.of(
          StoreAction.of(Kind.CREATE),
          StoreAction.of(Kind.WRITE),
          StoreAction.of(Kind.CACHED),
          StoreAction.of(Kind.REMOVE),
          StoreAction.of(Kind.SET_ASIDE),
          StoreAction.of(Kind.PURGE),
          StoreAction.of(Kind.TAKE_BACK),
          StoreAction.of(Kind.MARK_CLEAN),
          StoreAction.of(Kind.SYNC),
          StoreAction.of(Kind.WIPE),
          StoreAction.of(Kind.SAVE_EPOCH),
          StoreAction.of(Kind.CLEAR_EPOCHS),
          StoreAction.of(Kind.SAVE_CONFIG),
          StoreAction.of(Kind.SAVE_RECOVERY),
          StoreAction.of(Kind.CLOSE),
          new StoreAction(Kind.CREATE, StoreAction.B),
          new StoreAction(Kind.CACHED, StoreAction.B),
          new StoreAction(Kind.COPY, StoreAction.B));

  @TempDir Path base;
  private final ExecutorService workers =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
  private final AtomicInteger directories = new AtomicInteger();
  private final ThreadLocal<Path> directory =
      ThreadLocal.withInitial(() -> base.resolve("run" + directories.incrementAndGet()));
  private Level level = LOG.getLevel();

  /** A line for every store that is opened would be a lot of lines. */
  @BeforeEach
  void logLess() {
    level = LOG.getLevel();
    LOG.setLevel(Level.ERROR);
  }

  @AfterEach
  void stop() {
    LOG.setLevel(level);
    workers.shutdownNow();
  }

  @Test
  void everySequenceOfUpToThreeActionsSurvivesEveryCrash() throws Exception {
    CrashPoints points = new CrashPoints(base, true);
    DiskImage image = formatted();
    int runs = crash(points, image, groupings(sequences(ACTIONS, 3)));
    System.out.printf(
        "%d runs, %d crashes, %d different disks%n", runs, points.crashes(), points.images());
    assertThat(runs).isGreaterThan(2000);
  }

  @Test
  void everySequenceOfUpToTwoActionsOnANewStoreSurvivesEveryCrash() throws Exception {
    CrashPoints points = new CrashPoints(base, false);
    List<List<List<StoreAction>>> sequences = new ArrayList<>();
    sequences.add(List.of());
    sequences.addAll(groupings(sequences(ACTIONS, 2)));
    crash(points, DiskImage.empty(), sequences);
  }

  /** A log of so many records is written anew when one more mark is taken away, or at the start. */
  @Test
  void dirtyLogThatIsShortenedSurvivesEveryCrash() throws Exception {
    List<StoreAction> actions =
        List.of(
            StoreAction.of(Kind.CREATE),
            StoreAction.of(Kind.WRITE),
            StoreAction.of(Kind.REMOVE),
            StoreAction.of(Kind.MARK_CLEAN),
            StoreAction.of(Kind.SAVE_CONFIG),
            new StoreAction(Kind.CREATE, StoreAction.B));
    for (int pairs : List.of(2048, 2049)) {
      DiskImage image = formatted();
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      for (int i = 0; i < pairs; i++) {
        log.write(DirtyRecord.encode(List.of(StoreAction.A), true).array());
        log.write(DirtyRecord.encode(List.of(StoreAction.A), false).array());
      }
      image.files().put("store/dirty", new FileContent(log.toByteArray(), Map.of()));
      List<List<List<StoreAction>>> sequences = new ArrayList<>();
      sequences.add(List.of());
      sequences.addAll(groupings(sequences(actions, pairs == 2048 ? 3 : 1)));
      crash(new CrashPoints(base, true), image, sequences);
    }
  }

  @Test
  void stripesThatMeetAtEveryCallSurviveEveryCrash() throws Exception {
    CrashPoints points = new CrashPoints(base, true);
    DiskImage image = formatted();
    StoreAction other = new StoreAction(Kind.CREATE, StoreAction.B);
    int meetings = 0;
    for (StoreAction action : ACTIONS) {
      boolean oneStripe =
          action.batched() && action.kind() != Kind.SYNC && action.kind() != Kind.WIPE;
      if (oneStripe && action.object().equals(StoreAction.A)) {
        meetings += meet(points, image, action, other) + meet(points, image, other, action);
      }
    }
    StoreAction copy = new StoreAction(Kind.COPY, StoreAction.B);
    StoreAction clean = StoreAction.of(Kind.MARK_CLEAN);
    meetings += meet(points, image, copy, clean) + meet(points, image, clean, copy);
    assertThat(meetings).isGreaterThan(40);
  }

  private int meet(CrashPoints points, DiskImage image, StoreAction first, StoreAction second)
      throws IOException, StoreOpenException {
    for (int at = 1; ; at++) {
      List<DiskEvent> events =
          StoreRun.interleave(Files.createDirectories(directory.get()), image, first, second, at);
      if (events.isEmpty()) {
        return at - 1;
      }
      points.check(image, List.of(first, second), events, 0);
    }
  }

  /** All sequences; nothing follows an orderly stop. */
  private static List<List<StoreAction>> sequences(List<StoreAction> actions, int length) {
    List<List<StoreAction>> all = new ArrayList<>();
    List<List<StoreAction>> shorter = List.of(List.of());
    for (int i = 0; i < length; i++) {
      List<List<StoreAction>> longer = new ArrayList<>();
      for (List<StoreAction> sequence : shorter) {
        boolean closed =
            !sequence.isEmpty() && sequence.get(sequence.size() - 1).kind() == Kind.CLOSE;
        for (StoreAction action : closed ? List.<StoreAction>of() : actions) {
          List<StoreAction> next = new ArrayList<>(sequence);
          next.add(action);
          longer.add(next);
        }
      }
      all.addAll(longer);
      shorter = longer;
    }
    return all;
  }

  /** Each sequence one by one, and with each choice of neighbours that share a batch. */
  private static List<List<List<StoreAction>>> groupings(List<List<StoreAction>> sequences) {
    List<List<List<StoreAction>>> all = new ArrayList<>();
    for (List<StoreAction> sequence : sequences) {
      for (int joints = 0; joints < 1 << (sequence.size() - 1); joints++) {
        if (canBeJoined(sequence, joints)) {
          all.add(grouped(sequence, joints));
        }
      }
    }
    return all;
  }

  private static boolean joined(int joints, int place) {
    return (joints >> place & 1) == 1;
  }

  private static boolean canBeJoined(List<StoreAction> sequence, int joints) {
    for (int i = 0; i < sequence.size() - 1; i++) {
      boolean batched = sequence.get(i).batched() && sequence.get(i + 1).batched();
      if (joined(joints, i) && !batched) {
        return false;
      }
    }
    return true;
  }

  private static List<List<StoreAction>> grouped(List<StoreAction> sequence, int joints) {
    List<List<StoreAction>> groups = new ArrayList<>();
    for (int i = 0; i < sequence.size(); i++) {
      if (i == 0 || !joined(joints, i - 1)) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(sequence.get(i));
    }
    return groups;
  }

  private int crash(CrashPoints points, DiskImage image, List<List<List<StoreAction>>> sequences)
      throws Exception {
    List<Future<?>> pending = new ArrayList<>();
    for (List<List<StoreAction>> groups : sequences) {
      pending.add(
          workers.submit(
              () -> {
                crash(points, image, groups, directory.get());
                return null;
              }));
    }
    for (Future<?> one : pending) {
      try {
        one.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof AssertionError error) {
          throw error;
        }
        throw e;
      }
    }
    return pending.size();
  }

  /** A sequence's crashes before its last group are those of a shorter sequence. */
  private static void crash(
      CrashPoints points, DiskImage image, List<List<StoreAction>> groups, Path directory)
      throws IOException, StoreOpenException {
    Files.createDirectories(directory);
    List<StoreAction> actions = groups.stream().flatMap(List::stream).toList();
    int last = groups.isEmpty() ? 0 : actions.size() - groups.get(groups.size() - 1).size();
    boolean copies = actions.stream().anyMatch(action -> action.kind() == Kind.COPY);
    for (boolean shares : copies ? List.of(false, true) : List.of(false)) {
      List<DiskEvent> events = StoreRun.play(directory, image, groups, shares);
      int from = groups.isEmpty() ? 0 : events.indexOf(new DiskEvent.Submitted(last));
      points.check(image, actions, events, from);
    }
  }

  /** A store of a cluster in its first epoch, with object A, which is clean. */
  private DiskImage formatted() throws IOException, StoreOpenException {
    Path directory = Files.createDirectories(base.resolve("base" + directories.incrementAndGet()));
    StoreOptions options = new StoreOptions(true, 1, 16, 1024, 1 << 20);
    try (FileStore store =
        FileStore.open(directory.resolve("store"), options, Runnable::run, Disk.real(true))) {
      FormattedStore.fill(store);
    }
    return DiskImage.of(directory);
  }
}
