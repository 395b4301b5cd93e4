package io.sheepdog.corosyncconf.check;

import static io.sheepdog.corosyncconf.check.Planted.error;
import static io.sheepdog.corosyncconf.check.Planted.warning;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.corosyncconf.FakeHost;
import io.sheepdog.corosyncconf.Files;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake is found where it is, as what it is; good files are left alone. */
@Timeout(60)
final class PlantedMistakesTest {
  private static final String K = "knet-three";
  private static final String M = "multicast-eight";
  private static final String TWO = "knet-two-links-secure";
  private static final String CPG_NODE = "\tnode {\n\t\tname: node3\n";

  static Stream<Planted> mistakes() {
    return Stream.of(syntax(), keys(), transport(), timeouts(), nodes(), quorum())
        .flatMap(List::stream);
  }

  private static List<Planted> syntax() {
    return List.of(
        error(K, "quorum {\n\tprovider: corosync_votequorum\n}", "@@quorum {", "unbalanced-brace"),
        error(K, "", "}@@\n", "unbalanced-brace"),
        error(K, "transport: knet", "transport knet@@", "missing-colon"),
        error(K, "quorum {", "quorum @@# majority", "missing-colon"),
        error(K, "quorum {", "quorum\n{@@", "brace-without-name"),
        error(K, "quorum {", "quorum { # majority@@", "extra-after-brace"),
        error(K, "quorum {", "quorum { provider: x }@@\nquorum {", "extra-after-brace"),
        error(K, "}\n\nlogging", "} # totem@@\n\nlogging", "extra-at-brace"),
        error(K, "# Three", "# @@" + "x".repeat(600) + " Three", "line-too-long"),
        error(K, "# Three", "\ufeff# @@Three", "byte-order-mark"),
        error(K, "\tversion", "\u3000ver@@sion", "bad-character"),
        error(K, "cluster_name", "cluster @@name", "bad-character"),
        error(K, "cluster_name: sheep", "cluster_name: sh\0ee@@p", "not-text"),
        error(K, "\tversion: 2", "\t: 2@@\n\tversion: 2", "empty-key"),
        error(K, "", "a: b@@\n", "bad-key-length"),
        error(K, "quorum {", "x {\n".repeat(16) + "y {@@\n" + "}\n".repeat(17), "too-deep"));
  }

  private static List<Planted> keys() {
    return List.of(
        error(K, "192.168.0.2", "192.168.0.2 # second@@", "trailing-comment"),
        error(K, "_votequorum", "_votequorum # R3@@", "trailing-comment"),
        error(K, "cluster_name: sheep", "cluster_name: sheep\t# the name@@", "trailing-comment"),
        error(K, "transport: knet", "transport: tcp@@", "bad-value"),
        error(K, "version: 2", "version: 1@@", "bad-value"),
        error(K, "version: 2", "version: 2\n\ttoken: 3s@@", "bad-value"),
        error(K, "version: 2", "version: 2\n\ttoken: 20@@", "bad-value"),
        error(K, "version: 2", "version: 2\n\tsecauth: yes@@", "bad-value"),
        error(K, "nodeid: 2", "nodeid: 0x2@@", "bad-value"),
        error(K, "debug: off", "debug: no@@", "bad-value"),
        error(M, "mcastport: 5405", "mcastport: 70000@@", "bad-value"),
        error(M, "mcastport: 5405", "mcastport: 0@@", "bad-value"),
        error(K, "corosync_votequorum", "votequorum@@", "bad-value"),
        error(K, "transport", "transprot@@", "unknown-key"),
        error(K, "quorum {", "qourum {@@", "unknown-section"),
        warning(K, "", "colours {@@\n\tsheep: white\n}\n", "unknown-section"),
        warning(K, "version: 2", "version: 2\n\tanything: 1@@", "unknown-key"),
        error(K, "version: 2", "version: 2\n\tprovider: corosync_votequorum@@", "misplaced-key"),
        error(K, "}\n\nlogging {", "\nlogging {@@\n}\n", "misplaced-section"),
        warning(K, "version: 2", "version: 2\n\tversion: 2@@", "duplicate-key"),
        warning(K, "totem {", "compatibility: whitetank@@\ntotem {", "obsolete-key"),
        warning(K, "version: 2", "version: 2\n\tthreads: 0@@", "obsolete-key"),
        warning(K, "version: 2", "version: 2\n\trrp_mode: passive@@", "obsolete-key"),
        warning(M, "linknumber: 0", "ringnumber: 0@@", "obsolete-key"),
        warning(K, "", "amf {@@\n\tmode: disabled\n}\n", "obsolete-section"),
        warning(K, "", "service {@@\n\tname: pacemaker\n}\n", "obsolete-section"),
        warning(
            K,
            "debug: off",
            "debug: off\n\tlogger_subsys {@@\n\t\tsubsys: AMF\n\t}",
            "obsolete-section"),
        error(
            K,
            "debug: off",
            "debug: off\n\tlogger_subsys {@@\n\t\tdebug: off\n\t}",
            "subsys-missing"),
        warning(K, "debug: off", "to_logfile: yes@@", "logfile-missing"));
  }

  private static List<Planted> transport() {
    return List.of(
        error(M, "226.94.1.1", "192.168.1.1@@", "multicast-range"),
        error(M, "226.94.1.1", "240.1.1.1@@", "multicast-range"),
        error(M, "226.94.1.1", "226.94.1.300@@", "bad-address"),
        warning(M, "226.94.1.1", "224.0.0.1@@", "multicast-reserved"),
        error(
            M,
            "transport: udp\n    secauth: off\n    interface {\n        linknumber: 0\n        mcast",
            "secauth: off\n    interface {\n        linknumber: 0\n        mca@@st",
            "multicast-transport"),
        error(M, "totem {\n    version: 2\n", "totem {@@\n", "version-missing"),
        warning(M, "mcastport", "broadcast: yes@@\n        mcastport", "broadcast-and-multicast"),
        warning(
            M,
            "mcastport",
            "bindnetaddr: 192.50.109.0@@\n        mcastport",
            "bindnetaddr-ignored"),
        error(M, "mcastport", "bindnetaddr: 192.50.109.0/24@@\n        mcastport", "bad-address"),
        error(M, "linknumber: 0", "linknumber: 1@@", "link-number"),
        error(M, "linknumber: 0", "ringnumber: 1@@", "ringnumber"),
        error(M, "mcastport: 5405", "mcastport: 1@@", "port-range"),
        error(M, "logging {", "totem {\n  interface {@@\n  }\n}\nlogging {", "link-duplicate"),
        error(
            "multicast-by-name",
            "totem {\n    version: 2\n    transport: udp\n    cluster_name: sheep",
            "totem {@@\n    version: 2\n    transport: udp",
            "multicast-missing"),
        warning(TWO, "mcastport: 5407", "mcastport: 5405@@", "port-overlap"),
        error(K, "transport: knet", "interface {\n\t\tttl: 5@@\n\t}", "link-option-transport"),
        error(M, "ttl: 1", "knet_link_priority: 5@@", "link-option-transport"),
        error(M, "secauth: off", "secauth: on@@", "crypto-transport"),
        error(M, "secauth: off", "crypto_hash: sha256@@", "crypto-transport"),
        error(K, "transport: knet", "crypto_cipher: aes256@@", "crypto-hash-missing"),
        error(K, "transport: knet", "secauth: on\n\tkey: abc@@", "crypto-key-length"));
  }

  private static List<Planted> timeouts() {
    return List.of(
        warning(TWO, "consensus: 6000", "consensus: 5000@@", "consensus-too-short"),
        warning(K, "version: 2", "version: 2\n\tconsensus: 3600@@", "consensus-too-short"),
        error(K, "version: 2", "version: 2\n\tconsensus: 40@@", "consensus-too-short"),
        error(
            K,
            "version: 2",
            "version: 2\n\ttoken_coefficient: 0\n\ttoken: 100@@",
            "token-too-short"),
        warning(K, "version: 2", "version: 2\n\ttoken: 600000@@", "token-too-long"));
  }

  private static List<Planted> nodes() {
    return List.of(
        error(
            "windows-line-ends",
            "}\r\nnodelist {\r\n  node {\r\n    nodeid: 1\r\n    ring0_addr: 192.168.0.1\r\n  }\r\n}\r\n",
            "}@@\r\n",
            "nodelist-missing"),
        error(
            K,
            "nodelist {\n\tnode {\n\t\tname: node1\n\t\tnodeid: 1\n\t\tring0_addr: 192.168.0.1",
            "nodelist {@@\n\tnode {\n\t\tname: node1\n\t\tnodeid: 1\n\t\tring0_addr: 192.168.0.9",
            "local-node-missing"),
        error(
            K,
            "name: node2\n\t\tnodeid: 2\n\t\tring0_addr: 192.168.0.2",
            "name: localbox\n\t\tnodeid: 2\n\t\tring0_addr: 192.168.0.2@@",
            "local-node-address"),
        error(K, "nodeid: 2", "nodeid: 1@@", "nodeid-duplicate"),
        error(K, "nodeid: 2", "nodeid: 0@@", "nodeid-zero"),
        error(K, "nodeid: 2", "nodeid: 65536@@", "nodeid-range"),
        error(K, CPG_NODE + "\t\tnodeid: 3\n", "\tnode {@@\n\t\tname: node3\n", "nodeid-missing"),
        warning(M, "node {\n        nodeid: 2", "node {@@", "nodeid-missing"),
        error(K, "192.168.0.2", "192.168.0.1@@", "address-duplicate"),
        error(K, "192.168.0.2", "192.168.0.300@@", "bad-address"),
        error(K, "192.168.0.2", "192.168.0.02@@", "bad-address"),
        error(K, "192.168.0.2", "192.168.2@@", "bad-address"),
        error(K, "192.168.0.2", "192.168.0.2/24@@", "bad-address"),
        error(K, "192.168.0.2", "192.168.0.2:5405@@", "bad-address"),
        error(K, "192.168.0.2", "0.0.0.0@@", "bad-address"),
        error(K, "192.168.0.2", "226.94.1.1@@", "bad-address"),
        error(K, "192.168.0.2", "127.0.0.2@@", "address-loopback"),
        error(K, "192.168.0.2", "fd00::2@@", "address-family"),
        error(M, "192.50.109.183", "fd00::2@@", "ip-version"),
        error("knet-ipv6", "fd00::2", "192.168.0.2@@", "ip-version"),
        error(K, "name: node2", "name: node1@@", "name-duplicate"),
        error(K, "nodelist {", "nodelist {\n\tnode {@@\n\t}", "node-without-address"),
        error(K, "", "nodelist {@@\n}\n", "nodelist-twice"),
        error(
            TWO,
            "node {\n        name: node2.example.org\n        nodeid: 2\n        ring0_addr: 192.168.0.2\n"
                + "        ring1_addr: 10.0.0.2",
            "node {@@\n        name: node2\n        nodeid: 2\n        ring0_addr: 192.168.0.2",
            "link-count"),
        error(TWO, "node {\n        name: node2.example.org", "node {@@", "name-missing"),
        error(K, "\tring0_addr", "\tring8_addr: 10.0.0.1@@\n\t\tring0_addr", "link-number"),
        error(M, "192.50.109.182", "192.50.109.182\n ring1_addr: 10.0.0.1@@", "link-transport"));
  }

  private static List<Planted> quorum() {
    return List.of(
        warning(K, "quorum {\n\tprovider: corosync_votequorum", "quorum {@@", "quorum-missing"),
        warning(K, "_votequorum", "_votequorum\n\ttwo_node: 1@@", "two-node"),
        warning(K, "_votequorum", "_votequorum\n\tlast_man_standing: 1@@", "last-man-standing"),
        warning(K, "_votequorum", "_votequorum\n\tallow_downscale: 1@@", "allow-downscale"),
        error(K, "_votequorum", "_votequorum\n\texpected_votes: 2@@", "expected-votes"),
        error(K, "_votequorum", "_votequorum\n\texpected_votes: 5@@", "expected-votes"),
        warning(K, "nodeid: 2", "nodeid: 2\n\t\tquorum_votes: 0@@", "votes-zero"),
        error("quorum-device", "_votequorum", "_votequorum\n two_node: 1@@", "quorum-device"),
        error(
            "quorum-device",
            "device {\n        model: net\n        votes: 1",
            "expected_votes: 2@@\n    device {\n        model: net",
            "quorum-device"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aPlantedMistakeIsFoundInItsLine(Planted planted) {
    List<Finding> findings = CorosyncCheck.of(planted.text(), FakeHost.first());

    assertThat(findings)
        .anySatisfy(
            finding -> {
              assertThat(finding.key()).isEqualTo(planted.key());
              assertThat(finding.line()).isEqualTo(planted.line());
              assertThat(finding.severity()).isEqualTo(planted.severity());
            })
        .allSatisfy(
            finding -> {
              assertThat(finding.what()).isNotBlank();
              assertThat(finding.why()).isNotBlank();
              assertThat(finding.remedy()).isNotBlank();
            });
  }

  @ParameterizedTest
  @FieldSource("io.sheepdog.corosyncconf.Files#GOOD")
  void nothingIsFoundInAGoodFile(String name) {
    assertThat(CorosyncCheck.of(ConfText.parse(Files.good(name)), FakeHost.first())).isEmpty();
  }

  @Test
  void aKeyThatIsNotThereIsNamedWithTheCommandThatMakesIt() {
    ConfText text = ConfText.parse(Files.good("knet-two-links-secure"));

    List<Finding> findings = CorosyncCheck.of(text, FakeHost.first().withoutKey());

    assertThat(findings).singleElement().extracting(Finding::key).isEqualTo("crypto-key-missing");
    assertThat(findings.get(0).remedy()).contains("corosync-keygen -k /etc/corosync/authkey");
  }
}
