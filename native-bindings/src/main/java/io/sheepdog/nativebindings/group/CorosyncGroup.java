package io.sheepdog.nativebindings.group;

import io.sheepdog.nativebindings.CorosyncException;
import io.sheepdog.nativebindings.LargeStack;
import io.sheepdog.nativebindings.cpg.CpgConnection;
import io.sheepdog.nativebindings.libc.Waiter;
import io.sheepdog.nativebindings.quorum.QuorumConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A process group of the corosync of this node. {@link #open} returns at once; the connection is
 * made by the dispatching thread, which then calls the listener.
 */
public final class CorosyncGroup implements Group {
  /** How long the end waits for a request that corosync does not answer. */
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(5);

  private final String name;
  private final Connections connections;
  private final GroupListener listener;
  private final RequestQueue queue = new RequestQueue();
  private final Waiter waiter;
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Why the dispatching thread is to stop.
   *
   * @param cause null for an end that was asked for
   */
  private record End(@Nullable Exception cause) {}

  private CorosyncGroup(String name, Connections connections, GroupListener listener)
      throws IOException {
    this.name = name;
    this.connections = connections;
    this.listener = listener;
    this.waiter = new Waiter();
  }

  /**
   * Connects to corosync, without joining.
   *
   * @param name of the group, 1 to 128 bytes
   * @throws IOException if the process has no file descriptors left
   */
  public static CorosyncGroup open(String name, Connections connections, GroupListener listener)
      throws IOException {
    CorosyncGroup group = new CorosyncGroup(name, connections, listener);
    LargeStack.thread("corosync-dispatch", group::work).start();
    return group;
  }

  @Override
  public void join() {
    queue.add(new Request.Join());
  }

  @Override
  public boolean multicast(byte[] message) {
    return queue.add(new Request.Multicast(message));
  }

  @Override
  public void leave() {
    if (!queue.add(new Request.Leave(true))) {
      abandon();
    }
  }

  @Override
  public void abandon() {
    stop(null);
  }

  @Override
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void stop(@Nullable Exception cause) {
    end.compareAndSet(null, new End(cause));
    queue.end();
    waiter.wake();
  }

  private void work() {
    Exception cause = null;
    try (Waiter closing = waiter;
        QuorumConnection quorum = connections.quorum(listener::quorum);
        CpgConnection cpg = connections.cpg(listener)) {
      cause = live(quorum, cpg, closing);
    } catch (CorosyncException | IOException | RuntimeException e) {
      cause = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cause = e;
    } finally {
      queue.end();
      ended.countDown();
    }
    if (cause != null) {
      listener.lost(cause);
    }
  }

  private @Nullable Exception live(QuorumConnection quorum, CpgConnection cpg, Waiter open)
      throws CorosyncException, IOException, InterruptedException {
    Requester requester = new Requester(cpg, name, queue, this::stop);
    Thread thread = LargeStack.thread("corosync-requests", requester::work);
    listener.connected(cpg.localNodeId(), quorum.configured());
    thread.start();
    try {
      return dispatch(quorum, cpg, open);
    } finally {
      queue.end();
      thread.join(REQUEST_LIMIT.toMillis());
    }
  }

  private @Nullable Exception dispatch(QuorumConnection quorum, CpgConnection cpg, Waiter open)
      throws CorosyncException, IOException {
    int quorumDescriptor = quorum.fileDescriptor();
    int cpgDescriptor = cpg.fileDescriptor();
    List<Integer> descriptors = List.of(quorumDescriptor, cpgDescriptor);
    End asked = end.get();
    while (asked == null) {
      List<Integer> ready = open.await(descriptors, -1);
      // Quorum first: what it says of a ring is then often known when libcpg tells of that ring.
      if (ready.contains(quorumDescriptor)) {
        quorum.dispatch();
      }
      if (ready.contains(cpgDescriptor)) {
        cpg.dispatch();
      }
      asked = end.get();
    }
    return asked.cause();
  }
}
