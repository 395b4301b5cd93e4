package io.sheepdog.core.session;

import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.spi.Scheduler.Cancellable;
import io.sheepdog.protocol.id.VdiId;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A lock whose gateway is this node, and the connections it lives on.
 *
 * <p>QEMU takes the lock on a connection of its own while its I/O connection is still silent, so
 * the silent connections of that client are <em>candidates</em> until one of them shows itself by
 * its first I/O. An iSCSI target keeps the connection it locked on and opens more of them whenever
 * it likes.
 */
final class Holding {
  private final VdiId head;
  private final long generation;
  private final LockKind kind;
  private final String client;
  private final Set<ClientSession> attached = new LinkedHashSet<>();
  private final Set<ClientSession> candidates = new LinkedHashSet<>();
  private final CompletableFuture<Void> open = new CompletableFuture<>();
  private @Nullable Cancellable grace;

  Holding(VdiLock lock) {
    head = lock.head();
    generation = lock.generation();
    kind = lock.kind();
    client = lock.client();
  }

  long generation() {
    return generation;
  }

  /** The head when it was granted. */
  VdiId head() {
    return head;
  }

  /**
   * Completes when nothing of an earlier holder is under way any more and writes may begin, or when
   * the lock has ended before.
   */
  CompletionStage<Void> open() {
    return open;
  }

  boolean isOpen() {
    return open.isDone();
  }

  /** See {@link #open()}. */
  void opens() {
    open.complete(null);
  }

  LockKind kind() {
    return kind;
  }

  boolean isOf(ClientSession session) {
    return client.equals(session.clientAddress());
  }

  void addCandidate(ClientSession session) {
    candidates.add(session);
  }

  boolean isAttached(ClientSession session) {
    return attached.contains(session);
  }

  boolean isCandidate(ClientSession session) {
    return candidates.contains(session);
  }

  /** Whether a connection of the lock's client that was not there before may simply join in. */
  boolean welcomes(ClientSession session) {
    return kind == LockKind.SHARED && session.isIscsiTarget();
  }

  /** Whether no open connection stands for it any more. */
  boolean isDeserted() {
    return attached.isEmpty() && candidates.isEmpty();
  }

  /** The session is the client's I/O connection; the other candidates are not. */
  void attach(ClientSession session) {
    attached.add(session);
    candidates.clear();
    stopGrace();
  }

  /**
   * A connection is no longer available to it.
   *
   * @return whether it was the last one
   */
  boolean drop(ClientSession session) {
    boolean was = attached.remove(session) | candidates.remove(session);
    return was && isDeserted();
  }

  void startGrace(Cancellable timer) {
    stopGrace();
    grace = timer;
  }

  void stopGrace() {
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }
}
