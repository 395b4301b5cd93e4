package io.sheepdog.cli.archive;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.archive.Manifest.Head;
import io.sheepdog.cli.archive.ManifestCodec.DamagedException;
import io.sheepdog.cli.copy.Zeros;
import io.sheepdog.cli.format.Words;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The files of an archive:
 *
 * <pre>
 * objects/00 .. ff/DIGEST        contents, with holes, named by their SHA-256
 * snapshots/INDEX-DIGEST.json    manifests, named by their SHA-256, too
 * tmp/                           what is being written; gets its name when it is on disk
 * lock                           held by who saves
 * </pre>
 *
 * Whatever has its name is complete and stays as it is. {@link #store} is for any thread.
 */
final class ArchiveDirectory implements AutoCloseable {
  private static final String JSON = ".json";

  private final Path root;
  private final int exitCode;
  private @Nullable FileChannel lock;
  private @Nullable Thread hook;

  /** Held while a file is begun or gets its name; for ever once the program is interrupted. */
  private final Object naming = new Object();

  private final Set<Path> changed = new TreeSet<>();
  private long files;
  private boolean interrupted;

  /**
   * @param exitCode for failures of this directory
   */
  ArchiveDirectory(Path root, int exitCode) {
    this.root = root;
    this.exitCode = exitCode;
  }

  private Path objects() {
    return root.resolve("objects");
  }

  private Path snapshots() {
    return root.resolve("snapshots");
  }

  private Path temporary() {
    return root.resolve("tmp");
  }

  private CommandFailure failure(String what, IOException e) {
    String why = e instanceof NoSuchFileException ? "it is not there" : Words.orName(e);
    return new CommandFailure(exitCode, what + ": " + why);
  }

  /** Makes it if it is not there, and keeps others from saving to it. */
  void beginSaving() throws CommandFailure {
    try {
      Files.createDirectories(objects());
      Files.createDirectories(snapshots());
      Files.createDirectories(temporary());
      FileChannel channel =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel;
      FileLock held = channel.tryLock();
      if (held == null) {
        throw new CommandFailure(1, "Another 'cluster snapshot save' to " + root + " is running");
      }
      removeTemporary();
    } catch (IOException e) {
      throw failure("Cannot write to " + root, e);
    }
    Thread cleaner = new Thread(this::interrupt, "clean-archive");
    hook = cleaner;
    Runtime.getRuntime().addShutdownHook(cleaner);
  }

  private void removeTemporary() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(temporary())) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void interrupt() {
    synchronized (naming) {
      interrupted = true;
      try {
        removeTemporary();
      } catch (IOException e) {
        System.err.println("Files remain in " + temporary() + ": " + Words.orName(e));
      }
    }
  }

  @Override
  public void close() throws CommandFailure {
    try {
      if (hook != null) {
        Runtime.getRuntime().removeShutdownHook(hook);
        removeTemporary();
      }
      if (lock != null) {
        lock.close();
      }
    } catch (IllegalStateException ending) {
      // the hook cleans up
      return;
    } catch (IOException e) {
      throw failure("Cannot write to " + root, e);
    }
  }

  private Path content(String digest) {
    return objects().resolve(digest.substring(0, 2)).resolve(digest);
  }

  /** Whether contents of that length are there; whether they are undamaged is seen by reading. */
  boolean has(String digest, int length) {
    try {
      return Files.size(content(digest)) == length;
    } catch (IOException absent) {
      return false;
    }
  }

  private Path begin() throws IOException {
    synchronized (naming) {
      if (interrupted) {
        throw new IOException("interrupted");
      }
      Path file = temporary().resolve(Long.toString(files++));
      return Files.createFile(file);
    }
  }

  private void name(Path file, Path target) throws IOException {
    synchronized (naming) {
      if (interrupted) {
        throw new IOException("interrupted");
      }
      Files.createDirectories(target.getParent());
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      changed.add(target.getParent());
    }
  }

  /**
   * Stores contents, unless they are there.
   *
   * @param length how many of the bytes
   */
  void store(String digest, byte[] bytes, int length) throws CommandFailure {
    if (has(digest, length)) {
      return;
    }
    try {
      Path part = begin();
      try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
        file.setLength(length);
        Zeros.<IOException>skip(
            bytes,
            length,
            (offset, count) -> {
              file.seek(offset);
              file.write(bytes, offset, count);
            });
        file.getChannel().force(true);
      }
      name(part, content(digest));
    } catch (IOException e) {
      throw failure("Cannot write to " + root, e);
    }
  }

  /** Reads contents, and fails if they are not what their name says. */
  byte[] read(String digest, int length) throws CommandFailure {
    Path file = content(digest);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length == length && in.read() < 0 && Digests.of(bytes, length).equals(digest)) {
        return bytes;
      }
      throw new CommandFailure(
          exitCode, "The archive is damaged: " + file + " is not what its name says");
    } catch (IOException e) {
      throw failure("The archive is damaged: cannot read " + file, e);
    }
  }

  /** The manifests that there are, by number. */
  private TreeMap<Integer, Path> manifests() throws CommandFailure {
    TreeMap<Integer, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(snapshots(), "*-*" + JSON)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        int dash = name.indexOf('-');
        String digest = name.substring(dash + 1, name.length() - JSON.length());
        if (name.substring(0, dash).matches("[1-9][0-9]{0,8}") && Digests.isOne(digest)) {
          found.put(Integer.valueOf(name.substring(0, dash)), file);
        }
      }
      return found;
    } catch (IOException e) {
      throw failure("No archive can be read in " + root, e);
    }
  }

  /** What is there, oldest first. */
  List<Head> heads() throws CommandFailure {
    List<Head> heads = new ArrayList<>();
    for (Path file : manifests().values()) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
        heads.add(ManifestCodec.readHead(in));
      } catch (IOException e) {
        throw failure("The archive is damaged: cannot read " + file, e);
      } catch (DamagedException e) {
        throw damaged(file, e);
      }
    }
    heads.sort(Comparator.comparingInt(Head::index));
    return heads;
  }

  private CommandFailure damaged(Path file, DamagedException e) {
    return new CommandFailure(exitCode, "The archive is damaged: " + file + ": " + e.getMessage());
  }

  /** Reads the manifest of that number, null if there is none. */
  @Nullable Manifest manifest(int index) throws CommandFailure {
    Path file = manifests().get(index);
    if (file == null) {
      return null;
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        DigestInputStream digest = new DigestInputStream(in, Digests.algorithm())) {
      digest.transferTo(OutputStream.nullOutputStream());
      String name = index + "-" + Digests.text(digest.getMessageDigest()) + JSON;
      if (!name.equals(String.valueOf(file.getFileName()))) {
        throw new CommandFailure(
            exitCode, "The archive is damaged: " + file + " is not what its name says");
      }
    } catch (IOException e) {
      throw failure("The archive is damaged: cannot read " + file, e);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return ManifestCodec.read(in);
    } catch (IOException e) {
      throw failure("The archive is damaged: cannot read " + file, e);
    } catch (DamagedException e) {
      throw damaged(file, e);
    }
  }

  /** Adds a manifest: the last step, after which the snapshot is there. */
  void add(Manifest manifest) throws CommandFailure {
    try {
      sync();
      Path part = begin();
      String digest;
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
          OutputStream out = Channels.newOutputStream(channel);
          DigestOutputStream digesting = new DigestOutputStream(out, Digests.algorithm());
          OutputStream buffered = new BufferedOutputStream(digesting, 1 << 16)) {
        ManifestCodec.write(buffered, manifest);
        buffered.flush();
        channel.force(true);
        digest = Digests.text(digesting.getMessageDigest());
      }
      name(part, snapshots().resolve(manifest.head().index() + "-" + digest + JSON));
      sync();
    } catch (IOException e) {
      throw failure("Cannot write to " + root, e);
    }
  }

  /** Makes the names of files durable. */
  private void sync() throws IOException {
    for (Path directory : changed) {
      syncDirectory(directory);
    }
    changed.clear();
    syncDirectory(objects());
    syncDirectory(root);
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
