package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfText;
import io.sheepdog.corosyncconf.text.SyntaxProblem;
import io.sheepdog.corosyncconf.text.UnreadableConfException;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds what is wrong with a corosync.conf, for {@code collie corosync check} and for a daemon that
 * wants to say why corosync does not run:
 *
 * <pre>{@code
 * for (Finding finding : CorosyncCheck.of(Path.of("/etc/corosync/corosync.conf"), LocalHost.system())) {
 *   if (finding.isError()) ...
 * }
 * }</pre>
 */
public final class CorosyncCheck {
  private static final List<Rule> RULES =
      List.of(
          new KeyRule(),
          new TransportRule(),
          new CryptoRule(),
          new TimeoutRule(),
          new NodeListRule(),
          new AddressRule(),
          new LinkRule(),
          new LocalNodeRule(),
          new QuorumRule(),
          new LoggingRule());

  private CorosyncCheck() {}

  /**
   * Checks a file.
   *
   * @param host this host: its name, its addresses, its key file
   * @return mistakes in the order of the file, at most 500; empty if there are none
   * @throws UnreadableConfException if the file cannot be read or is too large to be one
   */
  public static List<Finding> of(Path file, LocalHost host) throws UnreadableConfException {
    return of(ConfText.read(file), host);
  }

  /** Checks a file that is in memory. */
  public static List<Finding> of(ConfText text, LocalHost host) {
    Findings findings = new Findings();
    for (SyntaxProblem problem : text.problems()) {
      findings.error(
          problem.line(), problem.key(), problem.what(), problem.why(), problem.remedy());
    }
    if (!text.isBroken()) {
      RULES.forEach(rule -> rule.check(text, host, findings));
    }
    return findings.sorted();
  }
}
