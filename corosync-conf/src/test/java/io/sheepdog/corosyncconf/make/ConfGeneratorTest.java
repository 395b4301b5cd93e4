package io.sheepdog.corosyncconf.make;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.corosyncconf.FakeHost;
import io.sheepdog.corosyncconf.check.CorosyncCheck;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New files pass the check; nodes that cannot be are refused. */
@Timeout(60)
final class ConfGeneratorTest {

  @Test
  void aNewFileHasNothingToFind() throws ConfMakeException {
    List<Node> nodes = Node.parseAll(List.of("192.168.0.1", "192.168.0.2", "192.168.0.3"));

    ConfText text = ConfText.parse(ConfGenerator.generate(nodes, "sheep", false));

    assertThat(CorosyncCheck.of(text, FakeHost.first())).isEmpty();
    assertThat(text.value("totem", "transport")).isEqualTo("knet");
    assertThat(text.value("totem", "crypto_cipher")).isNull();
    assertThat(text.sections("nodelist.node")).hasSize(3);
  }

  @Test
  void aSecureFileWithTwoLinksHasNothingToFind() throws ConfMakeException {
    List<Node> nodes = Node.parseAll(List.of("a=192.168.0.1,10.0.0.1", "b=192.168.0.2,10.0.0.2"));

    ConfText text = ConfText.parse(ConfGenerator.generate(nodes, "sheep", true));

    assertThat(CorosyncCheck.of(text, FakeHost.first())).isEmpty();
    assertThat(text.value("totem", "crypto_cipher")).isEqualTo("aes256");
    assertThat(text.value("nodelist.node", "ring1_addr")).isEqualTo("10.0.0.2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "192.168.0.300", "192.168.0.1/24", "0.0.0.0", "226.94.1.1", "10.0.0.1,10.0.0.2",
        "a b=10.0.0.1", "=10.0.0.1", "a=", "a=1.2.3.4,", "10.0.0.1 # x", "10.0.0.1\n}"
      })
  void aNodeThatCannotBeIsNamed(String text) {
    assertThatThrownBy(() -> Node.parse(text))
        .isInstanceOf(ConfMakeException.class)
        .hasMessageStartingWith("Invalid node '");
  }

  @Test
  void nodesMustDifferAndHaveEquallyManyLinks() {
    assertThatThrownBy(() -> Node.parseAll(List.of("10.0.0.1", "10.0.0.1")))
        .hasMessageContaining("given twice");
    assertThatThrownBy(() -> Node.parseAll(List.of("a=10.0.0.1", "a=10.0.0.2")))
        .hasMessageContaining("given twice");
    assertThatThrownBy(() -> Node.parseAll(List.of("a=10.0.0.1,10.1.0.1", "10.0.0.2")))
        .hasMessageContaining("same number");
  }

  @Test
  void noNodesAndStrangeNamesAreRefused() {
    assertThatThrownBy(() -> ConfGenerator.generate(List.of(), "sheep", false))
        .hasMessageContaining("--node");
    assertThatThrownBy(
            () -> ConfGenerator.generate(List.of(Node.parse("10.0.0.1")), "a }\n", false))
        .hasMessageStartingWith("Invalid name of a cluster 'a }\\x0a'");
  }
}
