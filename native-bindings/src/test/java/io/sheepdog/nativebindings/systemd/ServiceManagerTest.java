package io.sheepdog.nativebindings.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a socket of the test's own where systemd's would be. */
@Timeout(30)
class ServiceManagerTest {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int PATH_BYTES = 108;

  @TempDir Path directory;
  private final CLibrary library = Native.load("libc.so.6", CLibrary.class);

  /** sys/socket.h, stdlib.h. Public for JNA. */
  public interface CLibrary extends Library {
    int socket(int domain, int type, int protocol);

    int bind(int fd, Pointer address, int length);

    NativeLong recv(int fd, Pointer buffer, NativeLong length, int flags);

    int close(int fd);

    int setenv(String name, String value, int overwrite);

    int unsetenv(String name);
  }

  @AfterEach
  void nobodyListens() {
    library.unsetenv(ServiceManager.NOTIFY_SOCKET);
  }

  @Test
  void serviceManagerHearsReadinessWithProcessAndStatus() throws IOException {
    Path path = directory.resolve("notify");
    int socket = library.socket(AF_UNIX, SOCK_DGRAM, 0);
    try (Memory address = new Memory(Short.BYTES + PATH_BYTES);
        Memory buffer = new Memory(1000)) {
      address.clear();
      address.setShort(0, (short) AF_UNIX);
      address.setString(Short.BYTES, path.toString());
      assertThat(library.bind(socket, address, (int) address.size())).isZero();
      library.setenv(ServiceManager.NOTIFY_SOCKET, path.toString(), 1);

      ServiceManager manager =
          ServiceManager.of(Map.of(ServiceManager.NOTIFY_SOCKET, path.toString()));
      manager.ready(4711, "waiting\nfor a format");
      int length = library.recv(socket, buffer, new NativeLong(1000), 0).intValue();
      assertThat(new String(buffer.getByteArray(0, length), StandardCharsets.UTF_8))
          .isEqualTo("READY=1\nMAINPID=4711\nSTATUS=waiting for a format");

      manager.stopping();
      length = library.recv(socket, buffer, new NativeLong(1000), 0).intValue();
      assertThat(new String(buffer.getByteArray(0, length), StandardCharsets.UTF_8))
          .isEqualTo("STOPPING=1");
    } finally {
      library.close(socket);
    }
  }

  @Test
  void socketThatNobodyListensOnIsAnError() {
    String path = directory.resolve("nobody").toString();
    library.setenv(ServiceManager.NOTIFY_SOCKET, path, 1);
    ServiceManager manager = ServiceManager.of(Map.of(ServiceManager.NOTIFY_SOCKET, path));
    assertThatThrownBy(() -> manager.status("running"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("errno");
  }

  @Test
  void withoutServiceManagerNothingIsSent() throws IOException {
    library.setenv(ServiceManager.NOTIFY_SOCKET, directory.resolve("nobody").toString(), 1);
    ServiceManager.of(Map.of()).status("running");
  }
}
