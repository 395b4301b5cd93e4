package io.sheepdog.nativebindings.cfg;

import io.sheepdog.nativebindings.CorosyncException;
import java.net.InetAddress;
import java.util.List;

/** What corosync knows of its nodes. */
public interface NodeAddresses {
  /** What libcfg says. */
  NodeAddresses NATIVE = new NativeNodeAddresses();

  /**
   * The addresses of the node this runs on, that of the first link first.
   *
   * @throws CorosyncException CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: corosync is not running;
   *     CS_ERR_ACCESS: not allowed
   */
  List<InetAddress> ofThisNode() throws CorosyncException;

  /**
   * The addresses of a node, that of the first link first.
   *
   * @param nodeId as an unsigned number; 0 is this node
   */
  List<InetAddress> of(int nodeId) throws CorosyncException;
}
