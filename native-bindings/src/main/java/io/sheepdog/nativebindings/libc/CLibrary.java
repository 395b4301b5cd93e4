package io.sheepdog.nativebindings.libc;

import com.sun.jna.Library;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * poll.h, sys/eventfd.h, unistd.h, fcntl.h, sys/ioctl.h, string.h. Functions return -1 and set
 * errno when they fail.
 */
interface CLibrary extends Library {
  String NAME = "libc.so.6";
  String DEBIAN_PACKAGE = "libc6";

  short POLLIN = 0x001;
  int EFD_CLOEXEC = 0x80000;
  int EFD_NONBLOCK = 0x800;
  int EINTR = 4;
  int EAGAIN = 11;

  /** Bytes of a {@code struct pollfd}: int fd, short events, short revents. */
  int POLLFD_BYTES = 8;

  int POLLFD_EVENTS = 4;
  int POLLFD_REVENTS = 6;

  int ENXIO = 6;
  int EXDEV = 18;
  int EINVAL = 22;
  int ENOTTY = 25;
  int ENOSYS = 38;
  int EOPNOTSUPP = 95;

  int O_RDONLY = 0;
  int O_WRONLY = 1;
  int O_NOFOLLOW = 0x20000;
  int O_CLOEXEC = 0x80000;
  int SEEK_DATA = 3;
  int SEEK_HOLE = 4;

  /** linux/fs.h: {@code _IOW(0x94, 9, int)}. */
  long FICLONE = 0x40049409L;

  int poll(Pointer fds, NativeLong nfds, int timeoutMillis);

  int eventfd(int initval, int flags);

  int eventfd_write(int fd, long value);

  int eventfd_read(int fd, Pointer value);

  int open(String path, int flags);

  int ioctl(int fd, NativeLong request, int argument);

  long lseek64(int fd, long offset, int whence);

  int close(int fd);

  /** string.h; the text stays the library's. */
  @Nullable String strerror(int errnum);
}
