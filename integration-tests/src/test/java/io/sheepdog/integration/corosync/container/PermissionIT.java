package io.sheepdog.integration.corosync.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may talk to corosync: root, and whom a file in its uidgid.d names. */
@Timeout(180)
@ClusterTest
final class PermissionIT {
  private static final int NODES = 5;
  private static final String SECOND = "/usr/sbin/sheep -p 7001 -P /tmp/%1$s.pid /tmp/%1$s";
  private static final String AS_USER =
      "install -d -o %1$s /tmp/%1$s && cd /tmp && runuser -u %1$s -- " + SECOND;

  @RegisterExtension static final ContainerCluster CLUSTER = ContainerCluster.of(NODES);

  @Test
  void aUserWhomCorosyncDoesNotKnowIsToldWhichFileToWrite() {
    ClusterNode node = CLUSTER.first();

    assertThat(node.run(AS_USER.formatted("nobody")).mustFail().stderr())
        .contains("corosync does not let user nobody in")
        .contains("/etc/corosync/uidgid.d/nobody")
        .doesNotContain("Exception");
  }

  @Test
  void theUserOfThePackageMayJoin() {
    ClusterNode node = CLUSTER.first();
    node.run(AS_USER.formatted("sheepdog")).orFail();
    node.awaitRows(NODES + 1);

    node.run("kill $(cat /tmp/sheepdog.pid)").orFail();
    node.awaitRows(NODES);
  }
}
