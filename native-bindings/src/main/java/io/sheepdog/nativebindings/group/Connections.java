package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import io.sheepdog.nativebindings.cpg.CpgListener;
import io.sheepdog.nativebindings.cpg.NativeCpgConnection;
import io.sheepdog.nativebindings.quorum.NativeQuorumConnection;
import io.sheepdog.nativebindings.quorum.QuorumConnection;
import io.sheepdog.nativebindings.quorum.QuorumView;
import java.util.function.Consumer;

/** Where connections to corosync come from; called on the dispatching thread. */
public interface Connections {
  /** To the corosync of this node. */
  Connections LOCAL =
      new Connections() {
        @Override
        public CpgConnection cpg(CpgListener listener) throws CorosyncException {
          return NativeCpgConnection.connect(listener);
        }

        @Override
        public QuorumConnection quorum(Consumer<QuorumView> listener) throws CorosyncException {
          return NativeQuorumConnection.connect(listener);
        }
      };

  /** Connects to CPG. */
  CpgConnection cpg(CpgListener listener) throws CorosyncException;

  /** Connects to the quorum service. */
  QuorumConnection quorum(Consumer<QuorumView> listener) throws CorosyncException;
}
