package io.sheepdog.cli.attach;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where clients find the NBD server. */
sealed interface Place {
  /**
   * TCP.
   *
   * @param host numeric address or name
   * @param port 1..65535
   * @param tls what TLS needs, null if the server does not ask for it
   */
  record Tcp(String host, int port, @Nullable Tls tls) implements Place {
    private static final int DEFAULT_PORT = 10809;

    /** {@code HOST[:PORT]} for a URI. */
    String authority() {
      String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
      return port == DEFAULT_PORT ? name : name + ":" + port;
    }
  }

  /**
   * Certificates of the client, as QEMU's tls-creds-x509 has them.
   *
   * @param directory with ca-cert.pem and, for {@code verify}, client-cert.pem and client-key.pem
   * @param verify whether the server wants to see a certificate
   */
  record Tls(Path directory, boolean verify) {
    String file(String name) {
      return directory.resolve(name).toString();
    }
  }

  /**
   * A Unix socket.
   *
   * @param socket absolute path
   */
  record Unix(String socket) implements Place {}
}
