package io.sheepdog.nativebindings.quorum;

import io.sheepdog.nativebindings.CorosyncException;

/** A connection to corosync's quorum service. */
public interface QuorumConnection extends AutoCloseable {
  /** Whether corosync.conf names a quorum provider; without one there are no notifications. */
  boolean configured();

  /** Whether this node's ring has quorum now. */
  boolean quorate() throws CorosyncException;

  /** Becomes readable when there is something to dispatch; closed with the connection. */
  int fileDescriptor() throws CorosyncException;

  /** Calls the listener with all that is there, without waiting. */
  void dispatch() throws CorosyncException;

  @Override
  void close();
}
