package io.sheepdog.daemon.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system made for one test; needs root, and fails when it cannot be mounted. */
final class MountedFileSystem implements AutoCloseable {
  final Path directory;

  private MountedFileSystem(Path directory) {
    this.directory = directory;
  }

  static MountedFileSystem ramfs(Path base) throws IOException, InterruptedException {
    Path directory = Files.createDirectory(base.resolve("ramfs"));
    run("mount", "-t", "ramfs", "none", directory.toString());
    return new MountedFileSystem(directory);
  }

  /** Its blocks can be shared between files. */
  static MountedFileSystem xfs(Path base, int megabytes) throws IOException, InterruptedException {
    return made(base, "xfs", megabytes, List.of("mkfs.xfs", "-q", "-f", "-m", "reflink=1"));
  }

  static MountedFileSystem ext4(Path base, int megabytes, String... makeOptions)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("mkfs.ext4", "-q", "-F"));
    command.addAll(List.of(makeOptions));
    return made(base, "ext4", megabytes, command);
  }

  private static MountedFileSystem made(
      Path base, String type, int megabytes, List<String> makeCommand)
      throws IOException, InterruptedException {
    Path image = base.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) megabytes << 20);
    }
    List<String> command = new ArrayList<>(makeCommand);
    command.add(image.toString());
    run(command.toArray(String[]::new));
    Path directory = Files.createDirectory(base.resolve(type));
    run("mount", "-o", "loop", image.toString(), directory.toString());
    return new MountedFileSystem(directory);
  }

  void makeReadOnly() throws IOException, InterruptedException {
    run("mount", "-o", "remount,ro", directory.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] output = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(String.join(" ", command)).isTrue();
    assertThat(process.exitValue())
        .as(
            "%s (this test needs root and loop devices): %s",
            String.join(" ", command), new String(output, StandardCharsets.UTF_8))
        .isZero();
  }

  @Override
  public void close() throws IOException {
    try {
      run("umount", directory.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
