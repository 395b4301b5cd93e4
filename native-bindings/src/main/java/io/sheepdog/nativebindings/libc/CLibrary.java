package io.sheepdog.nativebindings.libc;

import com.sun.jna.Library;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** poll.h, sys/eventfd.h, unistd.h, string.h. Functions return -1 and set errno when they fail. */
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

  int poll(Pointer fds, NativeLong nfds, int timeoutMillis);

  int eventfd(int initval, int flags);

  int eventfd_write(int fd, long value);

  int eventfd_read(int fd, Pointer value);

  int close(int fd);

  /** string.h; the text stays the library's. */
  @Nullable String strerror(int errnum);
}
