package io.sheepdog.daemon;

import io.sheepdog.daemon.nbd.NbdEvent;
import io.sheepdog.daemon.nbd.NbdServer;
import io.sheepdog.daemon.nbd.TlsFiles;
import io.sheepdog.daemon.options.NbdOption;
import io.sheepdog.daemon.options.NbdTlsOption;
import io.sheepdog.daemon.options.SheepOptions;
import io.sheepdog.daemon.process.Launcher;
import io.sheepdog.protocol.payload.NbdService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Binds the addresses of the NBD server, with messages for the operator. */
final class NbdListening {
  /** Name of the socket in the store. */
  static final String SOCKET = "nbd.sock";

  private final NbdServer server;
  private final NbdOption option;
  private final Path socket;
  private final @Nullable NbdTlsOption tls;
  private boolean onTcp;
  private boolean onSocket;

  NbdListening(NbdServer server, SheepOptions options) {
    this.server = server;
    this.option = options.nbd();
    this.socket = options.store().resolve(SOCKET);
    this.tls = options.nbdTls();
  }

  NbdServer server() {
    return server;
  }

  /** Where clients find it, as far as it is bound. */
  NbdService service() {
    return new NbdService(
        onTcp && tls != null,
        onTcp && tls != null && tls.verify(),
        onTcp ? option.port() : 0,
        onTcp ? option.address().getHostAddress() : "",
        onSocket ? socket.toString() : "");
  }

  /** Reads the certificates, null if there shall be none. */
  static @Nullable TlsFiles certificates(SheepOptions options) throws StartException {
    NbdTlsOption wanted = options.nbdTls();
    if (wanted == null || !options.nbd().enabled()) {
      return null;
    }
    try {
      TlsFiles files = TlsFiles.load(wanted.directory(), wanted.verify());
      files.certificate().checkValidity();
      return files;
    } catch (IOException e) {
      throw new StartException("--nbd-tls: " + e.getMessage(), e);
    } catch (CertificateException e) {
      throw new StartException(
          "--nbd-tls: clients would refuse "
              + wanted.directory()
              + "/server-cert.pem: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Binds both. What the operator asked for must be possible; of several nodes on one host only one
   * can have the default.
   */
  void bind(Launcher launcher) throws StartException, InterruptedException {
    bindUnix();
    try {
      server.listenTcp(option.address(), option.port()).toCompletableFuture().get();
      onTcp = true;
    } catch (ExecutionException e) {
      String reason = reason(String.valueOf(e.getCause()));
      if (option.given()) {
        throw new StartException("NBD: " + reason, e);
      }
      NbdEvent.NBD_NOT_LISTENING.log("reason=\"{}\"", reason);
      launcher.out("sheep: no NBD on TCP: " + reason + "; " + socket + " works");
      return;
    }
    if (!option.address().isLoopbackAddress() && tls == null) {
      NbdEvent.NBD_UNPROTECTED.log("address={}", option);
      launcher.out(
          "sheep: warning: whoever reaches "
              + option
              + " can read and write all VDIs by NBD; --nbd-tls asks for certificates");
    }
  }

  private String reason(String cause) {
    if (cause.contains("Address already in use")) {
      return option
          + " is taken; another sheep? choose another with --nbd [ADDR:]PORT, or --nbd off";
    }
    if (cause.contains("Cannot assign requested address")) {
      return option.address().getHostAddress() + " is not an address of this host";
    }
    if (cause.contains("Permission denied")) {
      return "port " + option.port() + " may not be used by this user; choose one above 1023";
    }
    return option + " cannot be used: " + cause;
  }

  private void bindUnix() throws StartException, InterruptedException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > Listening.MAX_SOCKET_PATH) {
      NbdEvent.NBD_NO_UNIX_SOCKET.log("path={} limit={}", socket, Listening.MAX_SOCKET_PATH);
      return;
    }
    try {
      Files.deleteIfExists(socket);
      server.listenUnix(socket).toCompletableFuture().get();
      onSocket = true;
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
