package io.sheepdog.daemon.nbd;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sheepdog.daemon.nbd.Handshake.TlsMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The certificates of the server, in a directory as QEMU's {@code tls-creds-x509} has it: {@code
 * ca-cert.pem}, {@code server-cert.pem}, {@code server-key.pem}, and {@code ca-crl.pem} if some
 * were taken back. Clients show certificates of that authority, if they want to or because they
 * must.
 */
public final class TlsFiles implements AutoCloseable {
  private static final String AUTHORITY = "ca-cert.pem";
  private static final String CERTIFICATE = "server-cert.pem";
  private static final String KEY = "server-key.pem";
  private static final String REVOKED = "ca-crl.pem";

  private final SslContext context;
  private final X509Certificate certificate;

  /** Signatures take milliseconds, which the core loop does not have. */
  private final ExecutorService signing =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("nbd-tls", true));

  private TlsFiles(SslContext context, X509Certificate certificate) {
    this.context = context;
    this.certificate = certificate;
  }

  /**
   * Reads the files.
   *
   * @param verify whether every client must have a certificate
   * @throws IOException with a sentence for the operator
   */
  public static TlsFiles load(Path directory, boolean verify) throws IOException {
    X509Certificate[] chain = certificates(directory.resolve(CERTIFICATE));
    X509Certificate[] authority = certificates(directory.resolve(AUTHORITY));
    PrivateKey key = PemKey.read(directory.resolve(KEY));
    SslContext context =
        SslContextBuilder.forServer(key, chain)
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .trustManager(ClientTrust.of(authority, revoked(directory.resolve(REVOKED))))
            .clientAuth(verify ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
            .build();
    return new TlsFiles(context, chain[0]);
  }

  private static X509Certificate[] certificates(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      X509Certificate[] found =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      if (found.length == 0) {
        throw new IOException(file + " holds no certificate");
      }
      return found;
    } catch (NoSuchFileException e) {
      throw new IOException(
          file
              + " is missing; the directory needs "
              + AUTHORITY
              + ", "
              + CERTIFICATE
              + " and "
              + KEY,
          e);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " is not a certificate: " + e.getMessage(), e);
    }
  }

  /** The lists of certificates that were taken back; none if there is no such file. */
  private static List<X509CRL> revoked(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509CRL> lists =
          CertificateFactory.getInstance("X.509").generateCRLs(in).stream()
              .map(X509CRL.class::cast)
              .toList();
      for (X509CRL list : lists) {
        Date end = list.getNextUpdate();
        if (end != null && end.before(new Date())) {
          throw new IOException(
              file
                  + " was to be renewed by "
                  + end.toInstant()
                  + "; every client would be refused");
        }
      }
      if (lists.isEmpty()) {
        throw new IOException(file + " holds no list of revoked certificates");
      }
      return lists;
    } catch (NoSuchFileException nobodyRevokedAny) {
      return List.of();
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " is not a list of revoked certificates: " + e.getMessage(), e);
    }
  }

  /** The server's own certificate. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** For a listening socket. */
  NbdTls forListener(TlsMode mode) {
    return new NbdTls() {
      @Override
      public TlsMode mode() {
        return mode;
      }

      @Override
      public void start(Channel channel, Consumer<String> onFailure) {
        SslHandler handler = context.newHandler(channel.alloc(), signing);
        handler
            .handshakeFuture()
            .addListener(
                done -> {
                  Throwable cause = done.cause();
                  if (cause != null) {
                    onFailure.accept(String.valueOf(cause.getMessage()));
                  }
                });
        channel.pipeline().addFirst("tls", handler).addAfter("tls", "paced", new PacedWrites());
      }
    };
  }

  @Override
  public void close() {
    signing.shutdownNow();
  }
}
