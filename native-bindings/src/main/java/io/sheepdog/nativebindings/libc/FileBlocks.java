package io.sheepdog.nativebindings.libc;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import io.sheepdog.nativebindings.MissingLibraryException;
import io.sheepdog.nativebindings.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What file systems know of the blocks of files: sharing them (ioctl_ficlone(2)), and where holes
 * are (lseek(2), SEEK_DATA). Where that cannot be asked, files are not shared and have no holes.
 * Thread-safe.
 */
public final class FileBlocks {
  private final @Nullable CLibrary library;
  private volatile boolean mayClone;

  /** Loads the C library; without it nothing is shared. */
  public FileBlocks() {
    library = load();
    mayClone = library != null;
  }

  private static @Nullable CLibrary load() {
    try {
      return NativeLibraries.load(CLibrary.class, CLibrary.NAME, CLibrary.DEBIAN_PACKAGE);
    } catch (MissingLibraryException e) {
      return null;
    }
  }

  /**
   * A part of a file that is no hole.
   *
   * @param from first byte
   * @param to the byte behind the last one
   */
  public record Range(long from, long to) {}

  /**
   * Gives {@code target} the bytes and the size of {@code source}; both share the blocks until one
   * of them is written to.
   *
   * @param target a file on the same file system; a symbolic link is refused
   * @return false if the file system cannot do that; {@code target} is unchanged then
   * @throws IOException if it can, and failed; the message has the text of the errno
   */
  public boolean share(Path source, Path target) throws IOException {
    CLibrary libc = library;
    if (libc == null || !mayClone) {
      return false;
    }
    int from = libc.open(source.toString(), flags(CLibrary.O_RDONLY));
    if (from < 0) {
      return false;
    }
    try {
      int to = libc.open(target.toString(), flags(CLibrary.O_WRONLY));
      if (to < 0) {
        return false;
      }
      try {
        return share(libc, from, to, target);
      } finally {
        libc.close(to);
      }
    } finally {
      libc.close(from);
    }
  }

  private boolean share(CLibrary libc, int from, int to, Path target) throws IOException {
    if (libc.ioctl(to, new NativeLong(CLibrary.FICLONE), from) == 0) {
      return true;
    }
    int error = Native.getLastError();
    switch (error) {
      case CLibrary.EOPNOTSUPP, CLibrary.ENOTTY, CLibrary.ENOSYS, CLibrary.EXDEV -> {
        mayClone = false;
        return false;
      }
      case CLibrary.EINVAL -> {
        return false;
      }
      default -> throw new IOException(target + ": ioctl FICLONE: " + libc.strerror(error));
    }
  }

  /** The parts of the first {@code size} bytes of a file that are no holes, ascending. */
  public List<Range> data(Path file, long size) {
    List<Range> all = size == 0 ? List.of() : List.of(new Range(0, size));
    CLibrary libc = library;
    int descriptor = libc == null ? -1 : libc.open(file.toString(), flags(CLibrary.O_RDONLY));
    if (libc == null || descriptor < 0) {
      return all;
    }
    try {
      List<Range> ranges = new ArrayList<>();
      for (long position = 0; position < size; ) {
        long from = libc.lseek64(descriptor, position, CLibrary.SEEK_DATA);
        if (from < 0 && Native.getLastError() == CLibrary.ENXIO) {
          return ranges;
        }
        long to = from < 0 ? -1 : libc.lseek64(descriptor, from, CLibrary.SEEK_HOLE);
        if (to < 0) {
          return all;
        }
        if (from < size) {
          ranges.add(new Range(from, Math.min(to, size)));
        }
        position = to;
      }
      return ranges;
    } finally {
      libc.close(descriptor);
    }
  }

  private static int flags(int access) {
    return access | CLibrary.O_NOFOLLOW | CLibrary.O_CLOEXEC;
  }
}
