package io.sheepdog.nativebindings.corosync;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import io.sheepdog.nativebindings.cpg.CpgListener;
import io.sheepdog.nativebindings.group.Connections;
import io.sheepdog.nativebindings.quorum.QuorumConnection;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.util.function.Consumer;

/**
 * Connections of a thread of this JVM to the corosync of a node, for one group: two groups of the
 * same name in one process must be on different nodes, because corosync tells processes of a node
 * apart by their process id.
 *
 * @param node whose corosync
 */
public record OnNode(CorosyncNode node) implements Connections {
  @Override
  public QuorumConnection quorum(Consumer<QuorumView> listener) throws CorosyncException {
    node.enter();
    return LOCAL.quorum(listener);
  }

  /** Comes after {@link #quorum}, on the same thread. */
  @Override
  public CpgConnection cpg(CpgListener listener) throws CorosyncException {
    return LOCAL.cpg(listener);
  }
}
