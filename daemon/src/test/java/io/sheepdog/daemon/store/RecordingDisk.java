package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The real disk, which writes down every call and can be made to wait or fail at one. */
final class RecordingDisk extends Disk.RealDisk {
  /**
   * Decides what happens at a call, e.g. {@code sync 0015d16700000003}; throwing makes the call
   * fail undone.
   */
  interface Interceptor {
    void before(String call) throws IOException;
  }

  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile Interceptor interceptor = call -> {};
  private final Map<FileChannel, String> names = new ConcurrentHashMap<>();

  RecordingDisk() {
    super(false);
  }

  long count(String call) {
    return calls.stream().filter(call::equals).count();
  }

  private void record(String call) throws IOException {
    interceptor.before(call);
    calls.add(call);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    FileChannel channel = super.open(file);
    names.put(channel, name(file));
    return channel;
  }

  @Override
  public FileChannel create(Path file) throws IOException {
    record("create " + name(file));
    FileChannel channel = super.create(file);
    names.put(channel, name(file));
    return channel;
  }

  @Override
  public FileChannel createDirect(Path file) throws IOException {
    record("create-direct " + name(file));
    FileChannel channel = super.createDirect(file);
    names.put(channel, name(file));
    return channel;
  }

  @Override
  public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
    record("write " + names.get(channel));
    return super.write(channel, source, position);
  }

  @Override
  public void syncData(FileChannel channel, Path file) throws IOException {
    record("sync " + name(file));
    super.syncData(channel, file);
  }

  @Override
  public void syncAll(FileChannel channel, Path file) throws IOException {
    record("sync-all " + name(file));
    super.syncAll(channel, file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    record("sync-directory " + name(directory));
    super.syncDirectory(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    record("rename " + name(from) + " " + name(to));
    super.rename(from, to);
    names.replaceAll((channel, name) -> name.equals(name(from)) ? name(to) : name);
  }
}
