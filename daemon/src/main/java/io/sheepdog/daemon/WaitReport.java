package io.sheepdog.daemon;

import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.membership.ClusterAgent;
import java.util.List;
import java.util.stream.Collectors;

/** Says what a cluster waits for. */
final class WaitReport {
  private WaitReport() {}

  /** A sentence, empty if the cluster does not wait. */
  static String of(ClusterAgent agent) {
    ClusterStatus status = agent.state().status();
    if (status == ClusterStatus.WAIT_FORMAT) {
      return "waiting for cluster format (collie cluster format --copies=N)";
    }
    if (status != ClusterStatus.WAIT_JOIN) {
      return "";
    }
    List<EpochNode> missing = agent.missingNodes();
    return "waiting for "
        + missing.size()
        + (missing.size() == 1 ? " member" : " members")
        + " of epoch "
        + agent.state().epoch()
        + ": "
        + missing.stream()
            .map(node -> node.node().address().toString())
            .collect(Collectors.joining(", "));
  }
}
