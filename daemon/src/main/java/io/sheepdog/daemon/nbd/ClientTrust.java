package io.sheepdog.daemon.nbd;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;

/** Which certificates of clients are good: those of the authority that it has not taken back. */
final class ClientTrust {
  private ClientTrust() {}

  /**
   * @param revoked what the authority took back; nothing is looked up if there is no list
   * @throws IOException with a sentence for the operator
   */
  static TrustManagerFactory of(X509Certificate[] authority, List<X509CRL> revoked)
      throws IOException {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      for (int i = 0; i < authority.length; i++) {
        anchors.setCertificateEntry("authority" + i, authority[i]);
      }
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      parameters.setRevocationEnabled(!revoked.isEmpty());
      if (!revoked.isEmpty()) {
        parameters.addCertStore(
            CertStore.getInstance("Collection", new CollectionCertStoreParameters(revoked)));
        parameters.addCertPathChecker(onlyTheseLists());
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException("the authority's certificates cannot be used: " + e.getMessage(), e);
    }
  }

  /** Nothing is asked over the network; intermediate authorities need no list of their own. */
  private static PKIXRevocationChecker onlyTheseLists() throws GeneralSecurityException {
    PKIXRevocationChecker checker =
        (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
    checker.setOptions(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK, Option.ONLY_END_ENTITY));
    return checker;
  }
}
