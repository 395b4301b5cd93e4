package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.ClusterDriver;
import io.sheepdog.core.spi.MemberId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Driver {@code local}: all processes of this host that use the same directory are one cluster.
 * Total order comes from one append-only event file, certainty about deaths from file locks; see
 * the package. One process is one member (tests apart).
 *
 * <p>Methods are called on the core loop; listener calls are posted to it in order. A death is
 * noticed within about 100 ms.
 */
public final class LocalClusterDriver implements ClusterDriver {
  /** Size at which an event file is followed by a new one. */
  static final long MAX_FILE_BYTES = 4 << 20;

  private final Path directory;
  private final Executor coreLoop;
  private final long maxFileBytes;
  private final Outbox outbox = new Outbox();
  private final MemberId self = newId();
  private @Nullable Thread thread;
  private @Nullable Listener listener;

  /**
   * A driver that has not joined yet.
   *
   * @param directory from {@link LocalDirectory#of}; made on joining
   * @param coreLoop runs listener calls, one at a time, in order
   */
  public LocalClusterDriver(Path directory, Executor coreLoop) {
    this(directory, coreLoop, MAX_FILE_BYTES);
  }

  LocalClusterDriver(Path directory, Executor coreLoop, long maxFileBytes) {
    this.directory = directory.toAbsolutePath().normalize();
    this.coreLoop = coreLoop;
    this.maxFileBytes = maxFileBytes;
  }

  private static MemberId newId() {
    SecureRandom random = new SecureRandom();
    long id = 0;
    while (id == 0) {
      id = random.nextLong();
    }
    return new MemberId(id);
  }

  /** Joins, once; what goes wrong comes as {@link Listener#failed}. */
  @Override
  public void join(Listener newListener) {
    if (thread != null) {
      throw new IllegalStateException("this driver has joined before; make a new one");
    }
    listener = newListener;
    LocalMember member = new LocalMember(directory, self, outbox, new Post(), maxFileBytes);
    Thread worker = new Thread(member::work, "local-driver");
    worker.setDaemon(true);
    thread = worker;
    worker.start();
  }

  @Override
  public MemberId self() {
    return self;
  }

  @Override
  public void multicast(byte[] message) {
    if (message.length < 1 || message.length > MAX_MESSAGE) {
      throw new IllegalArgumentException(
          "a cluster message of "
              + message.length
              + " bytes cannot be sent; 1 to "
              + MAX_MESSAGE
              + " are allowed");
    }
    if (thread == null) {
      throw new IllegalStateException("join comes before multicast");
    }
    if (listener != null && !outbox.add(message)) {
      fail(Outbox.MAX_MESSAGES + " messages wait: the event file in " + directory + " is stuck");
    }
  }

  /** Leaves; {@link #awaitEnd} tells when the others can see it. */
  @Override
  public void leave() {
    listener = null;
    outbox.leave();
  }

  /**
   * Waits until this process has left. Blocks, so not for the core loop.
   *
   * @return false if it took longer than {@code limit}
   */
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    Thread worker = thread;
    if (worker != null) {
      worker.join(limit.toMillis());
    }
    return worker == null || !worker.isAlive();
  }

  /**
   * For tests: gives up the locks without a good-bye, as the kernel does for a process that is
   * killed.
   */
  void kill() throws InterruptedException {
    coreLoop.execute(() -> listener = null);
    outbox.kill();
    awaitEnd(Duration.ofSeconds(10));
  }

  private void fail(String reason) {
    Listener told = listener;
    listener = null;
    outbox.leave();
    if (told != null) {
      LocalEvent.LOCAL_FAILED.log("directory={} reason=\"{}\"", directory, reason);
      told.failed(reason);
    }
  }

  /**
   * Carries the driver thread's news to the core loop; after {@link #leave} or a failure they are
   * dropped there.
   */
  private final class Post implements EventSink, LocalMember.Outcome {
    @Override
    public void joined(List<MemberId> members, MemberId member) {
      post(target -> target.membership(members, List.of(member), Map.of()));
    }

    @Override
    public void gone(List<MemberId> members, MemberId member, Departure how) {
      if (member.equals(self)) {
        // Somebody removed this process's file, so the others take it for dead.
        failed("the other processes took this one for dead: its file in " + directory + " is gone");
      } else {
        post(target -> target.membership(members, List.of(), Map.of(member, how)));
      }
    }

    @Override
    public void message(MemberId sender, byte[] message) {
      post(target -> target.delivered(sender, message));
    }

    @Override
    public void failed(String reason) {
      coreLoop.execute(() -> fail(reason));
    }

    private void post(java.util.function.Consumer<Listener> call) {
      coreLoop.execute(
          () -> {
            if (listener != null) {
              call.accept(listener);
            }
          });
    }
  }
}
