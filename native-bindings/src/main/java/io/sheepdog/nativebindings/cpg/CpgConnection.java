package io.sheepdog.nativebindings.cpg;

import io.sheepdog.nativebindings.CorosyncException;
import java.util.List;

/**
 * A connection to corosync's CPG service. One thread calls {@link #dispatch}; the other methods are
 * requests, of which one may run at a time, on any thread. {@link #close} comes last, from the
 * dispatching thread.
 */
public interface CpgConnection extends AutoCloseable {
  /** Longest group name in bytes. */
  int MAX_NAME = CpgLibrary.CPG_MAX_NAME_LENGTH;

  /** Corosync's number of this node. */
  int localNodeId() throws CorosyncException;

  /** Joins a group; {@link CpgListener#membership} tells when that is done. */
  void join(String group) throws CorosyncException;

  /** Leaves a group; what was multicast before comes before it everywhere. */
  void leave(String group) throws CorosyncException;

  /**
   * Multicasts to the joined group in agreed order.
   *
   * @throws CorosyncException CS_ERR_TRY_AGAIN is normal under load and while a ring forms
   */
  void multicast(byte[] message) throws CorosyncException;

  /** Whether corosync asks not to send now. */
  boolean flowControlled() throws CorosyncException;

  /** Who is in a group, in no order. */
  List<CpgProcess> members(String group) throws CorosyncException;

  /** Becomes readable when there is something to dispatch; closed with the connection. */
  int fileDescriptor() throws CorosyncException;

  /**
   * Calls the listener with all that is there, without waiting. Needs a thread with a stack of more
   * than 1 MiB.
   */
  void dispatch() throws CorosyncException;

  /** Ends the connection; without {@link #leave} the group sees {@link CpgReason#PROCDOWN}. */
  @Override
  void close();
}
