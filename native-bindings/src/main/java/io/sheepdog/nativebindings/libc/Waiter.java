package io.sheepdog.nativebindings.libc;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import io.sheepdog.nativebindings.NativeLibraries;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Waits until one of several file descriptors is readable or broken, or somebody calls: poll(2).
 */
public final class Waiter implements AutoCloseable {
  private static final int MAX_DESCRIPTORS = 16;

  private final CLibrary library =
      NativeLibraries.load(CLibrary.class, CLibrary.NAME, CLibrary.DEBIAN_PACKAGE);
  private final int wakeUp;
  private boolean closed;

  public Waiter() throws IOException {
    wakeUp = library.eventfd(0, CLibrary.EFD_CLOEXEC | CLibrary.EFD_NONBLOCK);
    if (wakeUp < 0) {
      throw failure("eventfd");
    }
  }

  /**
   * Waits.
   *
   * @param descriptors at most 16
   * @param millis longest wait; negative for no limit
   * @return those that are readable, broken or closed; empty after {@link #wake} or the time
   */
  public List<Integer> await(List<Integer> descriptors, int millis) throws IOException {
    if (descriptors.size() > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(descriptors.size() + " descriptors are too many");
    }
    List<Integer> ready = new ArrayList<>();
    int count = descriptors.size() + 1;
    try (Memory array = new Memory((long) count * CLibrary.POLLFD_BYTES);
        Memory counter = new Memory(Long.BYTES)) {
      set(array, 0, wakeUp);
      for (int i = 1; i < count; i++) {
        set(array, i, descriptors.get(i - 1));
      }
      int result = library.poll(array, new NativeLong(count), millis);
      if (result < 0 && Native.getLastError() != CLibrary.EINTR) {
        throw failure("poll");
      }
      if (result > 0) {
        if (revents(array, 0) != 0
            && library.eventfd_read(wakeUp, counter) < 0
            && Native.getLastError() != CLibrary.EAGAIN) {
          throw failure("eventfd_read");
        }
        for (int i = 1; i < count; i++) {
          if (revents(array, i) != 0) {
            ready.add(descriptors.get(i - 1));
          }
        }
      }
    }
    return ready;
  }

  private static void set(Memory array, int index, int descriptor) {
    long at = (long) index * CLibrary.POLLFD_BYTES;
    array.setInt(at, descriptor);
    array.setShort(at + CLibrary.POLLFD_EVENTS, CLibrary.POLLIN);
    array.setShort(at + CLibrary.POLLFD_REVENTS, (short) 0);
  }

  private static short revents(Memory array, int index) {
    return array.getShort((long) index * CLibrary.POLLFD_BYTES + CLibrary.POLLFD_REVENTS);
  }

  /** Ends the present or the next {@link #await}. Any thread. */
  public synchronized void wake() {
    if (!closed) {
      // Fails only when the counter is full, and then the wait ends anyway.
      library.eventfd_write(wakeUp, 1);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      library.close(wakeUp);
    }
  }

  private static IOException failure(String call) {
    return new IOException(call + " failed with errno " + Native.getLastError());
  }
}
