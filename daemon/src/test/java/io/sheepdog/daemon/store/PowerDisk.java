package io.sheepdog.daemon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The real disk, which writes down every call that changes something, with its data, so that {@link
 * DiskModel} can tell what is left of it after a loss of power. Nothing is really synced.
 */
final class PowerDisk extends Disk.RealDisk {
  /** Told of each call before it is made, on the thread that makes it. */
  interface Gate {
    void before(String call, Path file) throws IOException;
  }

  private final Path base;
  private final Gate gate;
  private final List<DiskEvent> events = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<FileChannel, Integer> channels = new IdentityHashMap<>();
  private final boolean shares;
  private int nextNumber;

  /**
   * A disk below {@code base}.
   *
   * @param image what is there already
   * @param shares whether files can share blocks; whatever it really is, the bytes are copied
   */
  PowerDisk(Path base, DiskImage image, Gate gate, boolean shares) {
    super(true);
    this.shares = shares;
    this.base = base;
    this.gate = gate;
    image.files().keySet().forEach(path -> numbers.put(path, nextNumber++));
  }

  private interface Call {
    void run() throws IOException;
  }

  private void carryOut(String name, Path file, Call call) throws IOException {
    gate.before(name, file);
    synchronized (this) {
      call.run();
    }
  }

  synchronized void note(DiskEvent event) {
    events.add(event);
  }

  synchronized List<DiskEvent> events() {
    return List.copyOf(events);
  }

  private String path(Path file) {
    return base.relativize(file).toString();
  }

  /** A file that this disk has not seen being made is none of the store's durable records. */
  private int number(String path) {
    Integer number = numbers.get(path);
    if (number == null) {
      throw new AssertionError("nobody made " + path + " through Disk");
    }
    return number;
  }

  private int number(FileChannel channel) {
    return Objects.requireNonNull(channels.get(channel));
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    gate.before("open", file);
    synchronized (this) {
      FileChannel channel = super.open(file);
      channels.put(channel, number(path(file)));
      return channel;
    }
  }

  @Override
  public FileChannel create(Path file) throws IOException {
    gate.before("create", file);
    return created(file, super::create);
  }

  @Override
  public FileChannel createDirect(Path file) throws IOException {
    gate.before("create", file);
    return created(file, super::createDirect);
  }

  private interface Creation {
    FileChannel of(Path file) throws IOException;
  }

  private FileChannel created(Path file, Creation creation) throws IOException {
    synchronized (this) {
      FileChannel channel = creation.of(file);
      String path = path(file);
      Integer present = numbers.get(path);
      int number = present == null ? nextNumber++ : present;
      numbers.put(path, number);
      channels.put(channel, number);
      note(present == null ? new DiskEvent.Create(path, number) : new DiskEvent.Resize(number, 0L));
      return channel;
    }
  }

  @Override
  public void extend(Path file, long size) throws IOException {
    carryOut(
        "extend",
        file,
        () -> {
          super.extend(file, size);
          note(new DiskEvent.Resize(number(path(file)), size));
        });
  }

  @Override
  public boolean share(Path from, Path to) throws IOException {
    gate.before("share", to);
    synchronized (this) {
      if (shares) {
        byte[] bytes = Files.readAllBytes(from);
        Files.write(to, bytes);
        note(new DiskEvent.Resize(number(path(to)), bytes.length));
        note(new DiskEvent.Data(number(path(to)), 0, bytes));
      }
      return shares;
    }
  }

  @Override
  public int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
    gate.before("write", base);
    synchronized (this) {
      ByteBuffer copy = source.duplicate();
      int count = super.write(channel, source, position);
      byte[] written = new byte[count];
      copy.get(written);
      note(new DiskEvent.Data(number(channel), position, written));
      return count;
    }
  }

  @Override
  public void truncate(FileChannel channel, long size) throws IOException {
    carryOut(
        "truncate",
        base,
        () -> {
          super.truncate(channel, size);
          note(new DiskEvent.Resize(number(channel), size));
        });
  }

  @Override
  public void setAttribute(Path file, String name, byte[] value) throws IOException {
    carryOut(
        "set-attribute",
        file,
        () -> {
          super.setAttribute(file, name, value);
          String text = new String(value, StandardCharsets.ISO_8859_1);
          note(new DiskEvent.Attribute(number(path(file)), name, text));
        });
  }

  @Override
  public void syncData(FileChannel channel, Path file) throws IOException {
    carryOut("sync", file, () -> note(new DiskEvent.SyncFile(number(channel), false)));
  }

  @Override
  public void syncAll(FileChannel channel, Path file) throws IOException {
    carryOut("sync-all", file, () -> note(new DiskEvent.SyncFile(number(channel), true)));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    carryOut("sync-directory", directory, () -> note(new DiskEvent.SyncDirectory(path(directory))));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    carryOut(
        "rename",
        from,
        () -> {
          super.rename(from, to);
          numbers.put(path(to), number(path(from)));
          numbers.remove(path(from));
          note(new DiskEvent.Rename(path(from), path(to)));
        });
  }

  @Override
  public void delete(Path file) throws IOException {
    carryOut(
        "delete",
        file,
        () -> {
          super.delete(file);
          numbers.remove(path(file));
          note(new DiskEvent.Delete(path(file)));
        });
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    carryOut(
        "make-directory",
        directory,
        () -> {
          super.makeDirectory(directory);
          note(new DiskEvent.MakeDirectory(path(directory)));
        });
  }
}
