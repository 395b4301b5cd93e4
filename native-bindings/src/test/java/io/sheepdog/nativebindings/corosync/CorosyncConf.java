package io.sheepdog.nativebindings.corosync;

import java.util.List;

/**
 * A corosync.conf that corosync 3.1 starts with: multicast as in the guide of 2010.
 *
 * @param tokenMillis totem's token
 * @param quorum lines of the section quorum, empty for none
 */
public record CorosyncConf(int tokenMillis, List<String> quorum) {
  private static final String VOTEQUORUM = "provider: corosync_votequorum";

  /** Short times, for tests that wait for losses. */
  public static final CorosyncConf QUORUM = new CorosyncConf(1000, List.of(VOTEQUORUM));

  /** As the guide: nobody decides about quorum. */
  public static final CorosyncConf NO_QUORUM = new CorosyncConf(1000, List.of());

  /** Either of two nodes may go on without the other, after both have been together once. */
  public static final CorosyncConf TWO_NODE =
      new CorosyncConf(1000, List.of(VOTEQUORUM, "two_node: 1", "last_man_standing: 1"));

  String text(List<String> addresses) {
    StringBuilder text = new StringBuilder();
    text.append("totem {\n  version: 2\n  cluster_name: sheepdog\n  transport: udp\n");
    // As fast with many nodes as with two: the default adds 650 ms per node.
    text.append("  token: ").append(tokenMillis).append("\n  token_coefficient: 0\n");
    text.append("  interface {\n    ringnumber: 0\n    bindnetaddr: 198.18.0.0\n");
    text.append("    mcastaddr: 226.94.1.1\n    mcastport: 5405\n  }\n}\n");
    text.append("logging {\n  to_stderr: yes\n  to_syslog: no\n  timestamp: hires\n}\n");
    text.append("nodelist {\n");
    for (int i = 0; i < addresses.size(); i++) {
      text.append("  node {\n    ring0_addr: ").append(addresses.get(i)).append('\n');
      text.append("    nodeid: ").append(i + 1).append("\n  }\n");
    }
    text.append("}\n");
    if (!quorum.isEmpty()) {
      text.append("quorum {\n");
      quorum.forEach(line -> text.append("  ").append(line).append('\n'));
      text.append("}\n");
    }
    return text.toString();
  }
}
