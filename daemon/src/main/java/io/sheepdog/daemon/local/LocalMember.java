package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.MemberId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The life of one member: the driver thread. */
final class LocalMember {
  /** How soon an event is read whose notice got lost. */
  private static final long POLL_MILLIS = 50;

  private static final long DEATH_CHECK_NANOS = Duration.ofMillis(100).toNanos();
  private static final long TOUCH_NANOS = Duration.ofHours(1).toNanos();

  private final Path directory;
  private final MemberId self;
  private final Outbox outbox;
  private final Post post;
  private final long maxFileBytes;
  private final MemberFiles memberFiles;

  /** How the member ended. */
  interface Outcome {
    /** It cannot go on. */
    void failed(String reason);
  }

  <P extends EventSink & Outcome> LocalMember(
      Path directory, MemberId self, Outbox outbox, P post, long maxFileBytes) {
    this.directory = directory;
    this.self = self;
    this.outbox = outbox;
    this.post = new Post(post, post);
    this.maxFileBytes = maxFileBytes;
    this.memberFiles = new MemberFiles(directory, self);
  }

  private record Post(EventSink sink, Outcome outcome) {}

  void work() {
    try {
      LocalDirectory.prepare(directory);
      try (EventLog log = new EventLog(directory, self, memberFiles, post.sink(), maxFileBytes);
          MemberFiles files = memberFiles) {
        live(log, files);
      }
    } catch (LocalDriverException e) {
      post.outcome().failed(e.sentence());
    } catch (IOException e) {
      post.outcome()
          .failed(
              "the directory of the local cluster "
                  + directory
                  + " cannot be used: "
                  + e
                  + "; look at its file system and start this sheep again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      post.outcome().failed("the driver thread was interrupted");
    } catch (RejectedExecutionException coreLoopEnded) {
      LocalEvent.LOCAL_LEFT.log("directory={} member={} reason=core-loop-ended", directory, self);
    }
  }

  private void live(EventLog log, MemberFiles files)
      throws IOException, LocalDriverException, InterruptedException {
    FileWatch watch = watch();
    try {
      log.enter();
      LocalEvent.LOCAL_JOINED.log(
          "directory={} member={} members={}", directory, self, log.members().size());
      untilTheEnd(log, files);
      if (!outbox.killed()) {
        if (log.isMember(self)) {
          log.append(List.of(EventRecord.of(EventRecord.Type.LEAVE, self)));
        }
        files.exit();
        LocalEvent.LOCAL_LEFT.log("directory={} member={}", directory, self);
      }
    } finally {
      if (watch != null) {
        watch.close();
      }
    }
  }

  private @Nullable FileWatch watch() {
    try {
      return FileWatch.start(directory, outbox::wake);
    } catch (IOException e) {
      LocalEvent.LOCAL_WATCH_UNAVAILABLE.log("directory={} error=\"{}\"", directory, e.toString());
      return null;
    }
  }

  private void untilTheEnd(EventLog log, MemberFiles files)
      throws IOException, LocalDriverException, InterruptedException {
    long lastCheck = System.nanoTime();
    long lastTouch = lastCheck;
    while (!outbox.killed() && !outbox.leaving() && log.isMember(self)) {
      outbox.await(POLL_MILLIS);
      if (outbox.killed()) {
        return;
      }
      List<byte[]> messages = outbox.take();
      if (messages.isEmpty()) {
        log.catchUp();
      } else {
        log.append(messages.stream().map(bytes -> EventRecord.message(self, bytes)).toList());
      }
      long now = System.nanoTime();
      if (now - lastCheck >= DEATH_CHECK_NANOS) {
        lastCheck = now;
        buryTheDead(log, files);
      }
      if (now - lastTouch >= TOUCH_NANOS) {
        lastTouch = now;
        log.touch();
      }
    }
  }

  private void buryTheDead(EventLog log, MemberFiles files)
      throws IOException, LocalDriverException {
    List<MemberId> dead = new ArrayList<>();
    for (MemberId member : log.members()) {
      if (files.isDead(member)) {
        dead.add(member);
      }
    }
    if (!dead.isEmpty()) {
      List<MemberId> noticed = log.appendDeaths(dead);
      noticed.forEach(
          member -> LocalEvent.LOCAL_MEMBER_DIED.log("directory={} member={}", directory, member));
    }
    files.retain(new HashSet<>(log.members()));
  }
}
