package io.sheepdog.integration.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** NBD with certificates: good ones, none, those of others, and expired ones. */
@Timeout(300)
final class NbdTlsIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String OPTIONAL = "10810";
  private static final String VERIFYING = "10811";
  private static final String REVOKING = "10813";

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(1, 1);

  private static final String CERTIFICATES =
      """
      set -e
      authority() {
        mkdir -p $1
        openssl req -x509 -newkey rsa:2048 -nodes -keyout $1/ca-key.pem -out $1/ca-cert.pem \\
          -subj /CN=$1 -days 2
      }
      sign() { # directory, kind, days
        openssl req -newkey rsa:2048 -nodes -keyout $1/$2-key.pem -subj /CN=$2 -out $1/$2.csr
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' >$1/ext
        openssl x509 -req -in $1/$2.csr -CA $1/ca-cert.pem -CAkey $1/ca-key.pem -CAcreateserial \\
          -days $3 -extfile $1/ext -out $1/$2-cert.pem
      }
      mkdir tls
      cd tls
      authority good
      sign good server 2
      sign good client 2
      authority wrong
      sign wrong client 2
      cp -r good expired
      sign expired client -1
      mkdir late
      cp good/ca-* late
      sign late server -1
      mkdir anonymous mixed
      cp good/ca-cert.pem anonymous
      cp good/ca-cert.pem mixed
      cp wrong/client-* mixed
      mkdir revoking outdated other
      cp good/ca-* other
      sign other client 2
      cp good/ca-cert.pem good/server-* revoking
      cat >ca.cnf <<END
      [ca]
      default_ca = x
      [x]
      database = index.txt
      crlnumber = crlnumber
      default_md = sha256
      END
      touch index.txt
      echo 01 >crlnumber
      by_authority="openssl ca -config ca.cnf -cert good/ca-cert.pem -keyfile good/ca-key.pem"
      $by_authority -revoke good/client-cert.pem
      $by_authority -gencrl -crldays 2 -out revoking/ca-crl.pem
      cp revoking/*.pem outdated
      $by_authority -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z \\
        -out outdated/ca-crl.pem
      openssl rsa -traditional -in good/server-key.pem -out good/pkcs1.pem
      mv good/pkcs1.pem good/server-key.pem
      """;

  private static Shell shell;

  @BeforeAll
  static void startDaemonsWithCertificates() {
    shell = CLUSTER.shell();
    shell
        .run(
            LIMIT,
            "cd "
                + CLUSTER.directory()
                + "\n"
                + CERTIFICATES.replace("set -e", "set -e; exec 2>&1"))
        .orFail();
    start(7001, OPTIONAL, "good").orFail();
    start(7002, VERIFYING, "good,verify").orFail();
    start(7004, REVOKING, "revoking,verify").orFail();
    shell.run("collie vdi create Alice 16M").orFail();
    shell.run("qemu-io -f raw -c 'write -P 7 0 512' nbd://127.0.0.1/Alice").orFail();
  }

  private static Outcome start(int port, String nbd, String certificates) {
    Path directory = CLUSTER.directory();
    return shell.run(
        LIMIT,
        "SHEEPDOG_LOCAL_DIR=%1$s/events sheep -c local -p %2$d --nbd %3$s --nbd-tls %1$s/tls/%4$s %1$s/t%2$d"
            .formatted(directory, port, nbd, certificates));
  }

  private static Outcome read(String port, String certificates) {
    return shell.run(
        LIMIT,
        "qemu-io --object tls-creds-x509,id=tls0,endpoint=client,dir=%s/tls/%s -c 'read -P 7 0 512' --image-opts driver=nbd,host=127.0.0.1,port=%s,export=Alice,tls-creds=tls0"
            .formatted(CLUSTER.directory(), certificates, port));
  }

  private static Outcome readByLibnbd(String port, String certificates) {
    return shell.run(
        LIMIT,
        "nbdinfo --size 'nbds://localhost:%s/Alice?tls-certificates=%s/tls/%s'"
            .formatted(port, CLUSTER.directory(), certificates));
  }

  @Test
  void aClientWithACertificateOfTheAuthorityIsServed() {
    for (String port : new String[] {OPTIONAL, VERIFYING}) {
      assertThat(read(port, "good").orFail().stdout()).doesNotContain("failed");
      assertThat(readByLibnbd(port, "good").orFail().stdout()).isEqualTo("16777216\n");
    }
  }

  @Test
  void largeRequestsGoThroughUnharmed() {
    shell
        .run(
            LIMIT,
            """
            set -e
            cd %s
            collie vdi create Large 72M
            head -c 72M /dev/urandom >large
            uri='nbds://localhost:%s/Large?tls-certificates=%1$s/tls/good'
            nbdcopy --request-size=33554432 large "$uri"
            nbdcopy --request-size=33554432 "$uri" back
            cmp large back
            """
                .formatted(CLUSTER.directory(), OPTIONAL))
        .orFail();
  }

  @Test
  void aClientWithoutCertificateIsServedUnlessItMustHaveOne() {
    assertThat(readByLibnbd(OPTIONAL, "anonymous").orFail().stdout()).isEqualTo("16777216\n");
    readByLibnbd(VERIFYING, "anonymous").mustFail();
  }

  @Test
  void aClientWithACertificateOfAnotherAuthorityIsRefused() {
    read(OPTIONAL, "mixed").mustFail();
    read(VERIFYING, "mixed").mustFail();
    // and one that trusts another authority refuses the server
    read(OPTIONAL, "wrong").mustFail();
  }

  @Test
  void aClientWithAnExpiredCertificateIsRefused() {
    // QEMU itself refuses to load one
    readByLibnbd(OPTIONAL, "expired").mustFail();
    readByLibnbd(VERIFYING, "expired").mustFail();
    assertThat(
            shell
                .run("grep NBD_TLS_FAILED " + CLUSTER.directory() + "/t7002/sheep.log")
                .orFail()
                .stdout())
        .contains("client=127.0.0.1");
  }

  @Test
  void aClientWhoseCertificateWasTakenBackIsRefused() {
    assertThat(readByLibnbd(REVOKING, "other").orFail().stdout()).isEqualTo("16777216\n");
    readByLibnbd(REVOKING, "good").mustFail();
    read(REVOKING, "good").mustFail();
    assertThat(
            shell
                .run("grep NBD_TLS_FAILED " + CLUSTER.directory() + "/t7004/sheep.log")
                .orFail()
                .stdout())
        .contains("revoked");
  }

  @Test
  void aClientWithoutTlsHearsThatItIsNeeded() {
    assertThat(
            shell
                .run("qemu-io -f raw -c 'read 0 512' nbd://127.0.0.1:10810/Alice")
                .mustFail()
                .stderr())
        .contains("TLS");
    shell.run("nbdinfo --list nbd://127.0.0.1:10810/").mustFail();
  }

  @Test
  void aDaemonWhoseCertificatesAreNoGoodDoesNotStart() {
    assertThat(start(7003, "10812", "late").mustFail().stderr()).contains("clients would refuse");
    assertThat(start(7003, "10812", "outdated").mustFail().stderr())
        .contains("ca-crl.pem was to be renewed by 2020-01-02");
    assertThat(start(7003, "10812", "nowhere").mustFail().stderr())
        .contains("server-cert.pem is missing; the directory needs ca-cert.pem");
  }
}
