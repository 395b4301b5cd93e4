package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DirtyLogTest {
  @TempDir Path base;
  private Path file;
  private final RecordingDisk disk = new RecordingDisk();
  private long boot = 7;

  @BeforeEach
  void path() {
    file = base.resolve("dirty");
  }

  @Test
  void marksSurviveACrash() throws IOException {
    DirtyLog log = open(1, 2, 3);
    log.markBeforeWrite(oids(1, 2, 3));
    log.markClean(oids(2));
    // No close: the process is gone.
    assertThat(open(1, 2, 3).objects()).isEqualTo(oids(1, 3));
  }

  @Test
  void marksOfObjectsThatAreGoneAreDropped() throws IOException {
    open().markBeforeWrite(oids(1, 2));
    assertThat(open(2).objects()).isEqualTo(oids(2));
  }

  @Test
  void oneSyncForAllThatBecomeDirtyTogetherAndNoneForThoseThatAre() throws IOException {
    DirtyLog log = open();
    disk.calls.clear();
    log.markBeforeWrite(oids(1, 2, 3));
    log.markBeforeWrite(oids(3, 1));
    assertThat(disk.count("sync dirty")).isEqualTo(1);
  }

  @Test
  void appendThatACrashInterruptedIsIgnored() throws IOException {
    open().markBeforeWrite(oids(1));
    byte[] torn = new byte[DirtyRecord.SIZE + 5];
    Files.write(file, torn, StandardOpenOption.APPEND);
    assertThat(open(1, 2).objects()).isEqualTo(oids(1));
  }

  @Test
  void damagedLogMakesEverythingDirty() throws IOException {
    open().markBeforeWrite(oids(1, 2));
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    assertThat(open(1, 2, 3, 4).objects()).isEqualTo(oids(1, 2, 3, 4));
  }

  @Test
  void marksThatCouldNotBeMadeDurableAreNotTakenForDurable() throws IOException {
    DirtyLog log = open();
    disk.interceptor =
        call -> {
          if (call.equals("sync dirty")) {
            throw new IOException("Input/output error (injected)");
          }
        };
    assertThatThrownBy(() -> log.markBeforeWrite(oids(1))).isInstanceOf(IOException.class);
    assertThat(log.isDirty(oids(1).get(0))).isFalse();
    disk.interceptor = call -> {};
    assertThatThrownBy(() -> log.markBeforeWrite(oids(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("earlier sync failed");
  }

  @Test
  void logStaysSmallHoweverOftenObjectsChangeTheirState() throws IOException {
    DirtyLog log = open();
    for (int i = 0; i < 6000; i++) {
      log.markBeforeWrite(oids(i % 10));
      log.markClean(oids(i % 10));
    }
    log.markBeforeWrite(oids(4, 5));
    assertThat(Files.size(file)).isLessThan(6000L * DirtyRecord.SIZE);
    assertThat(open(4, 5, 6).objects()).isEqualTo(oids(4, 5));
  }

  @Test
  void soundLogIsOpenedWithoutWritingAnything() throws IOException {
    open().markBeforeWrite(oids(1, 2));
    disk.calls.clear();

    assertThat(open(1, 2).objects()).isEqualTo(oids(1, 2));

    assertThat(disk.calls).isEmpty();
  }

  @Test
  void logThatCannotBeShortenedForWantOfRoomGoesOn() throws IOException {
    DirtyLog log = open();
    for (int i = 0; i < 2100; i++) {
      log.markBeforeWrite(oids(7));
      log.markClean(oids(7));
    }
    disk.interceptor = DirtyLogTest::noRoomForNewFiles;

    log.markBeforeWrite(oids(1, 2));
    log.markBeforeWrite(oids(3));

    assertThat(open(1, 2, 3).objects()).isEqualTo(oids(1, 2, 3));
    assertThat(base.resolve("dirty.tmp")).doesNotExist();
    disk.interceptor = call -> {};
    for (int i = 0; i < 3000; i++) {
      log.markBeforeWrite(oids(7));
      log.markClean(oids(7));
    }
    assertThat(Files.size(file)).as("shortened once there was room").isLessThan(5000 * 16);
  }

  @Test
  void longOrDamagedLogOnAFullDiskIsOpenedAsItIs() throws IOException {
    DirtyLog log = open();
    log.markBeforeWrite(oids(1, 2));
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    disk.interceptor = DirtyLogTest::noRoomForNewFiles;

    open(1, 2, 3).markBeforeWrite(oids(4));

    assertThat(open(1, 2, 3, 4).objects()).isEqualTo(oids(1, 2, 3, 4));
  }

  @Test
  void markThatFindsTheDiskFullTakesARoomFromTheBallast() throws IOException {
    DirtyLog log = open();
    long before = Files.size(base.resolve("ballast"));
    boolean[] full = {true};
    disk.interceptor =
        call -> {
          if (call.equals("write dirty") && full[0]) {
            full[0] = false;
            throw new IOException("No space left on device");
          }
        };

    log.markBeforeWrite(oids(5));

    assertThat(open(5).objects()).isEqualTo(oids(5));
    assertThat(before).isPositive();
  }

  private static void noRoomForNewFiles(String call) throws IOException {
    if (call.startsWith("create ")) {
      throw new IOException("No space left on device");
    }
  }

  @Test
  void marksOfManyThreadsAllSurvive() throws Exception {
    DirtyLog log = open();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (int t = 0; t < 4; t++) {
      int first = t * 1000;
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 200; i++) {
                    log.markBeforeWrite(oids(first + i));
                  }
                } catch (IOException e) {
                  failures.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    Set<ObjectId> expected = new java.util.TreeSet<>();
    for (int t = 0; t < 4; t++) {
      expected.addAll(oids(LongStream.range(t * 1000L, t * 1000L + 200).toArray()));
    }
    assertThat(DirtyRecord.replay(file).dirty()).isEqualTo(expected);
  }

  @Test
  void whatWasMarkedBeforeTheMachineWasStartedIsToldApart() throws IOException {
    open(1, 2).markBeforeWrite(oids(1, 2));
    assertThat(ofBefore(open(1, 2, 3))).as("the process was started again").isEmpty();

    boot++;
    DirtyLog log = open(1, 2, 3);
    assertThat(ofBefore(log)).isEqualTo(oids(1, 2));
    log.markBeforeWrite(oids(1, 3));
    assertThat(ofBefore(log)).as("1 was dirty, 3 is new").isEqualTo(oids(1, 2));
    assertThat(ofBefore(open(1, 2, 3))).as("and the process again").isEqualTo(oids(1, 2));

    log = open(1, 2, 3);
    log.markAgain(oids(1, 3));
    log.markClean(oids(2));
    log.markBeforeWrite(oids(2));
    assertThat(ofBefore(log)).isEmpty();
    assertThat(ofBefore(open(1, 2, 3))).isEmpty();

    boot++;
    assertThat(ofBefore(open(1, 2, 3))).isEqualTo(oids(1, 2, 3));
  }

  @Test
  void logThatIsShortenedKeepsThemApart() throws IOException {
    open(1, 2).markBeforeWrite(oids(1, 2));
    boot++;
    DirtyLog log = open(1, 2, 3);
    for (int i = 0; i < 6000; i++) {
      log.markBeforeWrite(oids(3));
      log.markClean(oids(3));
    }
    log.markBeforeWrite(oids(3));
    assertThat(Files.size(file)).isLessThan(6000L * DirtyRecord.SIZE);
    assertThat(ofBefore(open(1, 2, 3))).isEqualTo(oids(1, 2));
    assertThat(open(1, 2, 3).objects()).isEqualTo(oids(1, 2, 3));
  }

  @Test
  void marksLookOlderThanTheyAreWhereTheStartCouldNotBeNoted() throws IOException {
    open(1).markBeforeWrite(oids(1));
    boot++;
    disk.interceptor =
        call -> {
          if (call.startsWith("write dirty")) {
            throw new IOException("No space left on device (injected)");
          }
        };
    DirtyLog log = open(1, 2);
    assertThat(ofBefore(log)).isEqualTo(oids(1));
    disk.interceptor = call -> {};
    log.markBeforeWrite(oids(2));
    assertThat(ofBefore(log)).isEqualTo(oids(1));
    assertThat(ofBefore(open(1, 2))).isEqualTo(oids(1, 2));
  }

  @Test
  void damagedLogTellsNothingOfWhatIsKept() throws IOException {
    open().markBeforeWrite(oids(1, 2));
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    assertThat(ofBefore(open(1, 2, 3))).isEqualTo(oids(1, 2, 3));
  }

  private static List<ObjectId> ofBefore(DirtyLog log) {
    return log.objects().stream().filter(log::isOfBefore).toList();
  }

  private DirtyLog open(long... here) throws IOException {
    List<ObjectId> present = oids(here);
    Ballast ballast = Ballast.open(Files.getFileStore(base), base.resolve("ballast"));
    return DirtyLog.open(disk, ballast, file, present, present::contains, boot);
  }

  private static List<ObjectId> oids(long... ids) {
    return LongStream.of(ids).mapToObj(ObjectId::new).toList();
  }
}
