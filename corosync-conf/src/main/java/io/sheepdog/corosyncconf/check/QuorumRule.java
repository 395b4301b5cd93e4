package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfSection;
import io.sheepdog.corosyncconf.text.ConfText;
import java.util.List;
import java.util.Map;

/** Who may go on after a partition: votequorum(5). */
final class QuorumRule implements Rule {
  private static final Map<String, String> NOT_TRUSTED =
      Map.of(
          "two_node", "each of two nodes that do not see each other has quorum",
          "last_man_standing", "the votes that count shrink after each loss",
          "allow_downscale", "the votes that count shrink when nodes leave; it is unsupported");

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    if (text.entry("quorum", "provider") == null) {
      findings.warning(
          totem.lineOf("quorum"),
          "quorum-missing",
          "no quorum provider is set",
          "corosync then tells nobody who may go on after a partition; sheep takes the majority"
              + " of the nodes of its last epoch",
          "write quorum { provider: corosync_votequorum } on all nodes");
      return;
    }
    for (ConfSection quorum : text.sections("quorum")) {
      for (ConfEntry entry : quorum.entries()) {
        trust(entry, findings);
      }
    }
    boolean hasDevice = text.entry("quorum.device", "model") != null;
    if (hasDevice) {
      device(text, findings);
    }
    votes(totem, hasDevice, findings);
  }

  private static void trust(ConfEntry entry, Findings findings) {
    String reason = NOT_TRUSTED.get(entry.key());
    if (reason != null && !entry.value().equals("0")) {
      findings.warning(
          entry.line(),
          entry.key().replace('_', '-'),
          Findings.quoted(entry) + " must not decide over data",
          reason + "; sheepdog wants a majority of all nodes",
          "remove it on all nodes");
    }
  }

  /** votequorum refuses to start with these, which {@code corosync -t} does not see. */
  private static void device(ConfText text, Findings findings) {
    for (String key :
        List.of("two_node", "last_man_standing", "auto_tie_breaker", "allow_downscale")) {
      ConfEntry entry = text.entry("quorum", key);
      if (entry != null && !entry.value().equals("0")) {
        findings.error(
            entry.line(),
            "quorum-device",
            Findings.quoted(entry) + " does not go with a quorum device",
            "corosync refuses to run",
            "remove it");
      }
    }
    ConfEntry expected = text.entry("quorum", "expected_votes");
    if (expected != null && text.entry("quorum.device", "votes") == null) {
      findings.error(
          expected.line(),
          "quorum-device",
          "expected_votes needs quorum.device.votes beside it",
          "corosync refuses to run",
          "remove expected_votes");
    }
  }

  private static void votes(Totem totem, boolean hasDevice, Findings findings) {
    long sum = 0;
    for (ConfSection node : totem.nodes()) {
      ConfEntry votes = node.entry("quorum_votes");
      long own = Totem.number(votes, 1);
      sum += own;
      if (votes != null && own == 0) {
        findings.warning(
            votes.line(),
            "votes-zero",
            "the node has no vote",
            "it cannot help to a majority, but sheepdog counts on it for its copies",
            "remove 'quorum_votes: 0'");
      }
    }
    ConfEntry expected = totem.text().entry("quorum", "expected_votes");
    long number = Totem.number(expected, 0);
    if (expected == null || number == 0 || totem.nodes().isEmpty()) {
      return;
    }
    if (hasDevice) {
      sum += Totem.number(totem.text().entry("quorum.device", "votes"), 0);
    }
    if (number != sum) {
      String why =
          number < sum
              ? "two parts of a partitioned cluster could have quorum at once"
              : "the cluster needs more nodes for quorum than a majority";
      findings.error(
          expected.line(),
          "expected-votes",
          Findings.quoted(expected) + ", but the nodelist has " + sum + " votes",
          "it overrides the nodelist: " + why,
          "remove it: corosync counts the nodelist itself");
    }
  }
}
