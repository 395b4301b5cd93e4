package io.sheepdog.core.session;

import java.util.ArrayList;
import java.util.List;

/**
 * One connection of a client to this node, from accept to close.
 *
 * <p>The server creates it through {@link io.sheepdog.core.SheepNode#openSession} and closes it
 * when the connection is gone.
 */
public final class ClientSession {
  private final long id;
  private final String clientAddress;
  private final List<Runnable> closeListeners = new ArrayList<>();
  private long requests;
  private long clearings;
  private boolean iscsiTarget;
  private long peer;
  private boolean closed;
  private boolean lockingItself;

  /**
   * Creates an open, still silent session.
   *
   * @param id unique on this node
   * @param clientAddress address of the client without its port; what locks are tied to (R12, R13)
   */
  public ClientSession(long id, String clientAddress) {
    this.id = id;
    this.clientAddress = clientAddress;
  }

  /** Unique on this node. */
  public long id() {
    return id;
  }

  /** Address of the client without its port. */
  public String clientAddress() {
    return clientAddress;
  }

  /**
   * Whether no request has come in yet: QEMU opens its I/O connection first, then locks on another
   * (R12).
   */
  public boolean isSilent() {
    return requests == 0;
  }

  /**
   * Whether an iSCSI target is at the other end: it marks its object requests with the flag TGT.
   */
  boolean isIscsiTarget() {
    return iscsiTarget;
  }

  /** The other end is a daemon and says in which incarnation; not 0. */
  public void greetedBy(long incarnation) {
    peer = incarnation;
  }

  /** Incarnation of the daemon at the other end, 0 if it is none. */
  public long peer() {
    return peer;
  }

  /**
   * Notes that a request came in.
   *
   * @param marked whether it carries the flag TGT
   */
  public void noteRequest(boolean marked) {
    requests++;
    iscsiTarget |= marked;
  }

  /** Requests that came in so far, the present one included. */
  public long requests() {
    return requests;
  }

  /** The present request was a needless clearing of an index. */
  public void noteClearing() {
    clearings++;
  }

  /** Whether all requests before the present one, and there was one, were needless clearings. */
  public boolean isClearing() {
    return clearings > 0 && clearings == requests - 1;
  }

  /** It has asked for a lock of the kind that lives and dies with it, and uses no other. */
  void locksItself() {
    lockingItself = true;
  }

  /** Whether it may use no lock but one that it asked for. */
  boolean isLockingItself() {
    return lockingItself;
  }

  /** Whether the connection is gone; replies to it are dropped. */
  public boolean isClosed() {
    return closed;
  }

  /** Runs {@code action} when the connection closes, at once if it has. */
  public void onClose(Runnable action) {
    if (closed) {
      action.run();
    } else {
      closeListeners.add(action);
    }
  }

  /** The connection is gone. Requests in flight run to their end. Idempotent. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    closeListeners.forEach(Runnable::run);
    closeListeners.clear();
  }

  @Override
  public String toString() {
    return clientAddress + "#" + id;
  }
}
