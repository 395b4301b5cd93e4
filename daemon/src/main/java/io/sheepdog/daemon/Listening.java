package io.sheepdog.daemon;

import io.sheepdog.daemon.net.SheepServer;
import io.sheepdog.daemon.options.SheepOptions;
import io.sheepdog.protocol.id.NodeAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Binds the addresses of a daemon, with messages for the operator. */
final class Listening {
  /** Bytes of a Unix socket's path, without the final NUL (unix(7)). */
  static final int MAX_SOCKET_PATH = 107;

  private final SheepServer server;
  private final SheepOptions options;
  private final Path socket;

  Listening(SheepServer server, SheepOptions options) {
    this.server = server;
    this.options = options;
    this.socket = options.store().resolve("sock");
  }

  void bindTcp() throws StartException, InterruptedException {
    InetAddress address = options.bindAddress();
    try {
      server.listenTcp(address, options.port()).toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new StartException(reason(address, String.valueOf(e.getCause())), e);
    }
  }

  private String reason(@Nullable InetAddress address, String cause) {
    String where = address == null ? "all addresses" : address.getHostAddress();
    if (cause.contains("Address already in use")) {
      return "port "
          + options.port()
          + " is already in use on "
          + where
          + "; another sheep? choose another port with -p";
    }
    if (cause.contains("Cannot assign requested address")) {
      return where + " is not an address of this host; choose another with -b";
    }
    if (cause.contains("Permission denied")) {
      return "port "
          + options.port()
          + " may not be used by this user; choose one above 1023 with -p";
    }
    return "port " + options.port() + " on " + where + " cannot be used: " + cause;
  }

  /**
   * The store is locked by this process, so a socket that is there is left from one that was
   * killed.
   */
  void bindUnix(NodeAddress address) throws StartException, InterruptedException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
      DaemonEvent.NO_UNIX_SOCKET.log("path={} limit={}", socket, MAX_SOCKET_PATH);
      return;
    }
    try {
      Files.deleteIfExists(socket);
      server.listenUnix(socket, address.host()).toCompletableFuture().get();
    } catch (IOException e) {
      throw new StartException("the socket " + socket + " cannot be replaced: " + e, e);
    } catch (ExecutionException e) {
      throw new StartException("the socket " + socket + " cannot be used: " + e.getCause(), e);
    }
  }

  void removeUnixSocket() throws IOException {
    Files.deleteIfExists(socket);
  }
}
