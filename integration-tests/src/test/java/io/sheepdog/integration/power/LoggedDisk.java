package io.sheepdog.integration.power;

import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.process.Cmd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A mounted ext4 on a disk that writes down each write and flush it carries out: QEMU's storage
 * daemon with its {@code blklogwrites} filter, exported as a file through FUSE, under a loop
 * device. Nothing between ext4 and the log keeps a write back. Needs root.
 */
final class LoggedDisk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final Process daemon;
  private boolean mounted;

  private LoggedDisk(Path directory, Process daemon) {
    this.directory = directory;
    this.daemon = daemon;
  }

  /** Makes one of so many MiB in an empty directory and mounts it. */
  static LoggedDisk make(Path directory, int megabytes) throws IOException {
    Path disk = directory.resolve("disk");
    run("truncate", "-s", megabytes + "M", disk.toString());
    String lazy = "lazy_itable_init=0,lazy_journal_init=0";
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", lazy, disk.toString());
    run("cp", "--sparse=always", disk.toString(), directory.resolve("base").toString());
    Files.createFile(directory.resolve("device"));
    Files.createFile(directory.resolve("log"));
    Files.createDirectory(directory.resolve("mounted"));
    Process daemon =
        new ProcessBuilder(
                "qemu-storage-daemon",
                "--blockdev",
                "driver=file,node-name=disk,filename=" + disk,
                "--blockdev",
                "driver=file,node-name=log,filename=" + directory.resolve("log"),
                "--blockdev",
                "driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size="
                    + WriteLog.SECTOR,
                "--export",
                "type=fuse,id=export,node-name=logged,writable=on,mountpoint="
                    + directory.resolve("device"))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("daemon.log").toFile())
            .start();
    LoggedDisk made = new LoggedDisk(directory, daemon);
    try {
      made.mount(disk);
      return made;
    } catch (RuntimeException | AssertionError e) {
      made.close();
      throw e;
    }
  }

  private void mount(Path disk) throws IOException {
    long size = Files.size(disk);
    await()
        .atMost(LIMIT)
        .until(() -> Files.size(directory.resolve("device")) == size || !daemon.isAlive());
    if (!daemon.isAlive()) {
      throw new AssertionError(
          "qemu-storage-daemon ended (this test needs root, /dev/fuse and loop devices): "
              + Files.readString(directory.resolve("daemon.log")));
    }
    run("mount", "-o", "loop", directory.resolve("device").toString(), mounted().toString());
    mounted = true;
  }

  /** Where the file system is. */
  Path mounted() {
    return directory.resolve("mounted");
  }

  /** The disk as it was before it was mounted. */
  Path base() {
    return directory.resolve("base");
  }

  Path log() {
    return directory.resolve("log");
  }

  /** How much has been written down; what is on the disk by now is in there. */
  long position() {
    try {
      return Files.size(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the file system write everything; nothing more is written down afterwards. */
  void unmount() {
    run("umount", mounted().toString());
    mounted = false;
  }

  @Override
  public void close() {
    if (mounted) {
      unmount();
    }
    daemon.destroy();
    try {
      if (!daemon.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        daemon.destroyForcibly();
      }
    } catch (InterruptedException e) {
      daemon.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  static void run(String... command) {
    new Cmd(List.of(command), Map.of(), LIMIT).run().orFail();
  }
}
