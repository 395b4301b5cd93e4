package io.sheepdog.corosyncconf.make;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.corosyncconf.FakeHost;
import io.sheepdog.corosyncconf.Files;
import io.sheepdog.corosyncconf.check.CorosyncCheck;
import io.sheepdog.corosyncconf.make.Upgraded.Change;
import io.sheepdog.corosyncconf.text.ConfText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Old files become new ones. */
@Timeout(60)
final class ConfUpgradeTest {
  private static final String NODES = "\nnodelist {\n    node {\n        nodeid: 1\n";

  @Test
  void theGuidesFileKeepsItsMulticastAndItsComments() throws ConfMakeException {
    Upgraded upgraded =
        ConfUpgrade.of(
            ConfText.parse(Files.guide()),
            Node.parseAll(List.of("192.50.109.182", "192.50.109.183")));

    assertThat(new String(upgraded.bytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            # Please read the corosync.conf.5 manual page

            totem {
                version: 2
                transport: udp
                secauth: off
                interface {
                    linknumber: 0
                    mcastaddr: 226.94.1.1
                    mcastport: 5405
                }
            }

            logging {
                fileline: off
                to_stderr: yes
                to_logfile: yes
                to_syslog: yes
                logfile: /tmp/corosync.log
                debug: off
                timestamp: on
            }

            quorum {
                provider: corosync_votequorum
            }

            nodelist {
                node {
                    nodeid: 1
                    ring0_addr: 192.50.109.182
                }
                node {
                    nodeid: 2
                    ring0_addr: 192.50.109.183
                }
            }
            """);
  }

  @Test
  void everyChangeToTheGuidesFileIsListedWithItsLine() throws ConfMakeException {
    Upgraded upgraded =
        ConfUpgrade.of(ConfText.parse(Files.guide()), Node.parseAll(List.of("192.50.109.182")));

    assertThat(upgraded.changes())
        .extracting(Change::line)
        .containsExactly(2, 7, 9, 10, 24, 30, 0, 0, 0);
    assertThat(upgraded.changes())
        .extracting(Change::what)
        .anySatisfy(what -> assertThat(what).startsWith("dropped 'compatibility: whitetank': "))
        .anySatisfy(what -> assertThat(what).startsWith("dropped the section amf (mode: disabled)"))
        .anySatisfy(what -> assertThat(what).startsWith("dropped 'bindnetaddr: 192.50.109.182 # "))
        .contains("added 'transport: udp' to totem");
  }

  @Test
  void theResultPassesTheCheckOfItsFirstNode() throws ConfMakeException {
    Upgraded upgraded =
        ConfUpgrade.of(ConfText.parse(Files.guide()), Node.parseAll(List.of("192.50.109.182")));

    assertThat(CorosyncCheck.of(ConfText.parse(upgraded.bytes()), FakeHost.first())).isEmpty();
  }

  @Test
  void whatLessThanAMajorityCouldDecideIsDropped() throws ConfMakeException {
    String result =
        upgrade(
            """
            totem {
              version: 2
              transport: udp
              cluster_name: sheep
            }
            quorum {
              provider: corosync_votequorum # needed
              expected_votes: 2
              two_node: 1
              last_man_standing: 1
              allow_downscale: 1
            }
            """,
            "192.168.0.1");

    assertThat(result)
        .contains("quorum {\n  # needed\n  provider: corosync_votequorum\n}\n")
        .contains(NODES);
  }

  @Test
  void encryptionThatMulticastHasNoMoreIsDroppedAndSaid() throws ConfMakeException {
    ConfText text =
        parse("totem {\n version: 2\n secauth: on\n interface {\n  mcastaddr: 239.1.1.1\n }\n}\n");

    Upgraded upgraded = ConfUpgrade.of(text, Node.parseAll(List.of("192.168.0.1")));

    assertThat(new String(upgraded.bytes(), StandardCharsets.UTF_8)).doesNotContain("secauth");
    assertThat(upgraded.changes())
        .filteredOn(change -> change.line() == 3)
        .singleElement()
        .satisfies(change -> assertThat(change.what()).contains("generate --secure"));
  }

  @Test
  void theSecondRingOfARedundantOneIsDropped() throws ConfMakeException {
    String result =
        upgrade(
            """
            totem {
              version: 2
              rrp_mode: passive
              interface {
                ringnumber: 0
                mcastaddr: 239.1.1.1
              }
              interface {
                ringnumber: 1
                mcastaddr: 239.1.1.2
              }
            }
            """,
            "192.168.0.1");

    assertThat(result).contains("239.1.1.1").doesNotContain("239.1.1.2", "rrp_mode", "ringnumber");
  }

  @Test
  void theMembersOfAUnicastFileBecomeItsNodelist() throws ConfMakeException {
    String result =
        upgrade(
            """
            totem {
              version: 2
              transport: udpu
              interface {
                ringnumber: 0
                bindnetaddr: 192.168.0.0
                mcastport: 5405
                member {
                  memberaddr: 192.168.0.1
                }
                member {
                  memberaddr: 192.168.0.2 # two
                }
              }
            }
            """);

    assertThat(result)
        .contains("transport: udpu\n", "ring0_addr: 192.168.0.1\n", "ring0_addr: 192.168.0.2\n")
        .doesNotContain("member");
  }

  @Test
  void aGivenNodelistReplacesTheOldOne() throws ConfMakeException {
    String result = upgrade(Files.text("knet-three").replace("0.3", "0.3 # third"), "10.0.0.7");

    assertThat(result).contains("10.0.0.7").doesNotContain("192.168.0", "third");
  }

  @Test
  void votesThatTheNodelistHasAlreadyAreDropped() throws ConfMakeException {
    String result = upgrade(Files.text("udpu-without-names"));

    assertThat(result)
        .isEqualTo(Files.text("udpu-without-names").replace("expected_votes: 3\n", ""));
  }

  static Stream<String> filesWithNothingToDrop() {
    return Files.GOOD.stream().filter(name -> !name.equals("udpu-without-names"));
  }

  @ParameterizedTest
  @MethodSource("filesWithNothingToDrop")
  void aGoodFileStaysAsItIs(String name) throws ConfMakeException {
    Upgraded upgraded = ConfUpgrade.of(ConfText.parse(Files.good(name)), List.of());

    assertThat(upgraded.changes()).isEmpty();
    assertThat(upgraded.bytes()).isEqualTo(Files.good(name));
  }

  @Test
  void withoutNodesAndWithBrokenLinesThereIsNoUpgrade() {
    assertThatThrownBy(() -> ConfUpgrade.of(ConfText.parse(Files.guide()), List.of()))
        .isInstanceOf(ConfMakeException.class)
        .hasMessageContaining("--node");
    assertThatThrownBy(() -> ConfUpgrade.of(parse("totem {\n"), List.of(Node.parse("10.0.0.1"))))
        .isInstanceOf(ConfMakeException.class)
        .hasMessageStartingWith("line 1: ");
  }

  @Test
  void aMistakeThatNobodyCanGuessRightIsLeftToTheAuthor() {
    String text = new String(Files.guide(), StandardCharsets.UTF_8);

    assertThatThrownBy(() -> upgrade(text.replace("226.94.1.1", "192.168.1.1"), "192.50.109.182"))
        .isInstanceOf(ConfMakeException.class)
        .hasMessageContaining("192.168.1.1' is not a multicast address");
  }

  private static String upgrade(String old, String... nodes) throws ConfMakeException {
    Upgraded upgraded = ConfUpgrade.of(parse(old), Node.parseAll(List.of(nodes)));
    return new String(upgraded.bytes(), StandardCharsets.UTF_8);
  }

  private static ConfText parse(String text) {
    return ConfText.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
