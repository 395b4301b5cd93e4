package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfEntry;
import io.sheepdog.corosyncconf.text.ConfText;

/** Timeouts that do not fit to each other: corosync.conf(5), token and consensus. */
final class TimeoutRule implements Rule {
  private static final int TOKEN_MS = 3000;
  private static final int COEFFICIENT_MS = 650;
  private static final int RETRANSMITS = 4;
  private static final int JOIN_MS = 50;
  private static final int SHORTEST_MS = 30;
  private static final int LONG_MS = 60_000;
  private static final double RATIO = 1.2;
  private static final double MARGIN = 0.2;

  @Override
  public void check(ConfText text, LocalHost host, Findings findings) {
    Totem totem = new Totem(text);
    long token = token(totem);
    ConfEntry written = text.entry("totem", "token");
    if (written != null) {
      token(totem, written, token, findings);
    }
    ConfEntry consensus = text.entry("totem", "consensus");
    long wait = Totem.number(consensus, 0);
    if (consensus == null || wait == 0) {
      return;
    }
    if (wait < totem.setting("join", JOIN_MS)) {
      findings.error(
          consensus.line(),
          "consensus-too-short",
          Findings.quoted(consensus) + " is less than join",
          "corosync refuses the file",
          "remove it: corosync then takes 1.2 x token");
    } else if (wait < Math.floor(RATIO * token)) {
      findings.warning(
          consensus.line(),
          "consensus-too-short",
          Findings.quoted(consensus) + " is less than 1.2 x token, which is " + token + " ms here",
          "corosync.conf(5) demands that; memberships change for no reason otherwise",
          "remove it: corosync then takes 1.2 x token");
    }
  }

  /** The token timeout that corosync uses: it grows with each node from the third on. */
  private static long token(Totem totem) {
    int nodes = totem.nodes().size();
    long coefficient =
        Totem.number(totem.text().entry("totem", "token_coefficient"), COEFFICIENT_MS);
    return totem.setting("token", TOKEN_MS) + Math.max(0, nodes - 2) * coefficient;
  }

  private static void token(Totem totem, ConfEntry written, long token, Findings findings) {
    long retransmits = totem.setting("token_retransmits_before_loss_const", RETRANSMITS);
    boolean derived = totem.text().entry("totem", "token_retransmit") == null;
    if (derived && token / (retransmits + MARGIN) < SHORTEST_MS && token >= SHORTEST_MS) {
      findings.error(
          written.line(),
          "token-too-short",
          Findings.quoted(written) + " leaves less than 30 ms for each retransmission",
          "corosync refuses the file: token / (token_retransmits_before_loss_const + 0.2)"
              + " must be 30 or more",
          "remove it (the default is 3000 ms), or make it longer");
    } else if (token > LONG_MS) {
      findings.warning(
          written.line(),
          "token-too-long",
          Findings.quoted(written) + " is more than a minute",
          "after the death of a host, clients wait for token + consensus, which is 2.2 x token",
          "remove it: the default is 3000 ms");
    }
  }
}
