package io.sheepdog.daemon.store;

import io.sheepdog.nativebindings.libc.FileBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** A disk each of whose calls counts as a step forward of the thread that makes it. */
final class WatchedDisk implements Disk {
  private final Disk disk;
  private final DiskPulse pulse;

  WatchedDisk(Disk disk, DiskPulse pulse) {
    this.disk = disk;
    this.pulse = pulse;
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    return pulse.during(() -> disk.open(file));
  }

  @Override
  public FileChannel create(Path file) throws IOException {
    return pulse.during(() -> disk.create(file));
  }

  @Override
  public FileChannel createDirect(Path file) throws IOException {
    return pulse.during(() -> disk.createDirect(file));
  }

  @Override
  public void extend(Path file, long size) throws IOException {
    step(() -> disk.extend(file, size));
  }

  @Override
  public boolean share(Path from, Path to) throws IOException {
    return pulse.during(() -> disk.share(from, to));
  }

  @Override
  public List<FileBlocks.Range> data(Path file, long size) throws IOException {
    return pulse.during(() -> disk.data(file, size));
  }

  @Override
  public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
    return pulse.during(() -> disk.write(channel, source, position));
  }

  @Override
  public void syncData(FileChannel channel, Path file) throws IOException {
    step(() -> disk.syncData(channel, file));
  }

  @Override
  public void syncAll(FileChannel channel, Path file) throws IOException {
    step(() -> disk.syncAll(channel, file));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    step(() -> disk.syncDirectory(directory));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step(() -> disk.rename(from, to));
  }

  @Override
  public void delete(Path file) throws IOException {
    step(() -> disk.delete(file));
  }

  @Override
  public void truncate(FileChannel channel, long size) throws IOException {
    step(() -> disk.truncate(channel, size));
  }

  @Override
  public void setAttribute(Path file, String name, byte[] value) throws IOException {
    step(() -> disk.setAttribute(file, name, value));
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    step(() -> disk.makeDirectory(directory));
  }

  private interface Step {
    void run() throws IOException;
  }

  private void step(Step step) throws IOException {
    pulse.<Boolean, IOException>during(
        () -> {
          step.run();
          return true;
        });
  }
}
