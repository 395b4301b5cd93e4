package io.sheepdog.corosyncconf.make;

import io.sheepdog.corosyncconf.text.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes a file for corosync 3.1: knet, votequorum, a nodelist. */
public final class ConfGenerator {
  /** What {@code totem.cluster_name} is if nothing else was given. */
  public static final String DEFAULT_NAME = "sheepdog";

  /** Where corosync looks for its key. */
  public static final String KEY_FILE = "/etc/corosync/authkey";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private ConfGenerator() {}

  /**
   * The file.
   *
   * @param clusterName 1 to 64 letters, digits and {@code _.-}
   * @param secure whether all traffic is encrypted, which needs a key file on every node
   * @throws ConfMakeException if there is no node, or the name is another
   */
  public static byte[] generate(List<Node> nodes, String clusterName, boolean secure)
      throws ConfMakeException {
    if (nodes.isEmpty()) {
      throw new ConfMakeException(
          "no node was given: corosync needs the addresses of all; give --node ADDRESS for each");
    }
    if (!NAME.matcher(clusterName).matches()) {
      throw new ConfMakeException(
          "Invalid name of a cluster '"
              + Quoted.of(clusterName)
              + "': give 1 to 64 letters, digits and any of _ . -");
    }
    List<String> lines = new ArrayList<>();
    lines.add("# Written by 'collie corosync generate'; see corosync.conf(5) and votequorum(5).");
    lines.add("# The file is the same on all nodes.");
    lines.addAll(List.of("totem {", "    version: 2", "    cluster_name: " + clusterName));
    lines.add("    transport: knet");
    if (secure) {
      lines.add("");
      lines.add("    # The key is in " + KEY_FILE + ", the same on all nodes: corosync-keygen(8).");
      lines.addAll(List.of("    crypto_cipher: aes256", "    crypto_hash: sha256"));
    }
    lines.addAll(
        List.of("}", "", "logging {", "    to_stderr: yes", "    to_syslog: yes", "}", ""));
    lines.add("# Without a majority of all nodes nobody writes.");
    lines.addAll(List.of("quorum {", "    provider: corosync_votequorum", "}", ""));
    lines.addAll(Node.nodelist(nodes));
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
