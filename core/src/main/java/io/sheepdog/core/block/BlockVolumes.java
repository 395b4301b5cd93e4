package io.sheepdog.core.block;

import io.sheepdog.core.block.Opening.Opened;
import io.sheepdog.core.block.Opening.Reason;
import io.sheepdog.core.block.Opening.Refused;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.session.ClientSession;
import io.sheepdog.core.session.LockSessions;
import io.sheepdog.core.spi.Scheduler;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The volumes of a node: finds them by name, opens them, and knows which are open for writing. */
public final class BlockVolumes {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /** How often a cluster that is about to run is looked at again: 10 s in all. */
  private static final int LOOKS = 100;

  /** How often a lock is asked for again that somebody has: 1 s in all. */
  private static final int LOCK_LOOKS = 10;

  /** The largest piece of an index that is in a buffer while a volume is opened, bytes. */
  public static final int OPENING_BYTES = IndexTable.READ;

  private final BlockHost host;
  private final Scheduler scheduler;
  private final SnapshotIndexes snapshots;
  private final IndexMemory memory;

  /** Attachments of working VDIs by name, those that are being made included. */
  private final Map<String, CompletableFuture<Attaching>> attached = new HashMap<>();

  /** What became of an attempt to attach: a volume, or why there is none. */
  private record Attaching(@Nullable Attached attached, @Nullable Refused refused) {
    static Attaching failed(Refused refused) {
      return new Attaching(null, refused);
    }
  }

  /** A working VDI that is open for writing, and its memory. */
  private record Attached(Attachment attachment, BlockVolume volume, IndexMemory.Share share) {}

  /**
   * Creates the volumes of a node; nothing is open.
   *
   * @param indexBytes of memory for indexes, 4 bytes for each object: three quarters for working
   *     VDIs that are open for writing, no more of which can be opened then, and one quarter for
   *     what was used last of snapshots
   */
  public BlockVolumes(BlockHost host, Scheduler scheduler, long indexBytes) {
    this.host = host;
    this.scheduler = scheduler;
    this.snapshots = new SnapshotIndexes(indexBytes / 4);
    this.memory = new IndexMemory(indexBytes - indexBytes / 4);
  }

  /** How many working VDIs and snapshots there are. */
  public long count() {
    return host.state().directory().entries().stream()
        .filter(e -> e.state() == VdiEntry.State.HEAD || e.state() == VdiEntry.State.SNAPSHOT)
        .count();
  }

  /** All working VDIs and snapshots that can be opened. */
  public List<VolumeInfo> list() {
    return VolumeName.all(host.state().directory()).entrySet().stream()
        .map(
            named ->
                info(
                    named.getKey().text(),
                    named.getValue(),
                    named.getValue().state() == VdiEntry.State.SNAPSHOT))
        .toList();
  }

  private static VolumeInfo info(String name, VdiEntry entry, boolean readOnly) {
    String what =
        entry.state() == VdiEntry.State.HEAD
            ? "working VDI" + (readOnly ? ", read-only" : "")
            : "snapshot "
                + entry.snapshotId()
                + " of "
                + entry.name()
                + ", "
                + entry.snapshotTime();
    return new VolumeInfo(name, entry.size(), readOnly, "sheepdog " + what);
  }

  /** Completes with what is known of a volume; nothing is opened and nothing is locked. */
  public CompletionStage<InfoResult> describe(String name) {
    return whenRunning(
        () -> {
          VolumeName.Resolved found = new VolumeName(name).resolve(host.state().directory());
          VdiEntry entry = found.entry();
          return CompletableFuture.completedFuture(
              entry == null
                  ? new InfoResult(null, unknown(name, found.reason()))
                  : new InfoResult(info(name, entry, !found.writable()), null));
        },
        refused -> new InfoResult(null, refused));
  }

  /**
   * What {@link #describe} found.
   *
   * @param info null when refused
   * @param refused null when found
   */
  public record InfoResult(@Nullable VolumeInfo info, @Nullable Refused refused) {}

  /** Opens a volume for a client; a working VDI with its lock unless the name says otherwise. */
  public CompletionStage<Opening> open(String name, BlockClient client) {
    return whenRunning(() -> openNow(name, client), refused -> refused);
  }

  private CompletionStage<Opening> openNow(String name, BlockClient client) {
    VolumeName.Resolved found = new VolumeName(name).resolve(host.state().directory());
    VdiEntry entry = found.entry();
    if (entry == null) {
      return CompletableFuture.completedFuture(unknown(name, found.reason()));
    }
    return found.writable() ? attach(entry, client) : openReadOnly(name, entry, client);
  }

  private static Refused unknown(String name, String reason) {
    return new Refused(
        Reason.UNKNOWN,
        name.isEmpty()
            ? "an export name is needed: the name of a VDI, as in nbd://HOST/Alice"
            : "'" + name + "': " + reason);
  }

  private CompletionStage<Opening> openReadOnly(String name, VdiEntry entry, BlockClient client) {
    ClientSession session = host.openSession(client.address());
    ObjectIo io = new ObjectIo(host, session);
    OpenVolume.Holder holder = new ReadOnlyHolder(session);
    VolumeInfo info = info(name, entry, true);
    if (entry.state() == VdiEntry.State.HEAD) {
      return CompletableFuture.completedFuture(
          new Opened(new OpenVolume(new WatchedVolume(io, host, entry), info, holder)));
    }
    SnapshotVolume volume = new SnapshotVolume(io, entry, snapshots);
    return volume
        .open()
        .handle(
            (code, failure) -> {
              if (failure != null || code != ResultCode.SUCCESS) {
                session.close();
                return unreadable(name, failure == null ? code : ResultCode.SYSTEM_ERROR);
              }
              return new Opened(new OpenVolume(volume, info, holder));
            });
  }

  private record ReadOnlyHolder(ClientSession session) implements OpenVolume.Holder {
    @Override
    public void left(boolean inOrder) {
      session.close();
    }
  }

  private static int objects(VdiEntry entry) {
    long size = 1L << entry.blockSizeShift();
    return (int) ((entry.size() + size - 1) / size);
  }

  private static Refused unreadable(String name, ResultCode code) {
    return new Refused(
        Reason.FAILED, "'" + name + "': its inode cannot be read: " + code.collieText());
  }

  private CompletionStage<Opening> attach(VdiEntry entry, BlockClient client) {
    String name = entry.name();
    CompletableFuture<Attaching> known = attached.get(name);
    CompletableFuture<Attaching> attaching = known == null ? attachNow(entry, client) : known;
    return attaching.thenCompose(
        result -> {
          Attached open = result.attached();
          Refused refused = result.refused();
          if (refused != null && attaching == known) {
            // that was about another client's attempt
            return openNow(name, client);
          }
          if (open == null) {
            return CompletableFuture.completedFuture(
                refused == null ? unreadable(name, ResultCode.SYSTEM_ERROR) : refused);
          }
          if (attaching == known && open.volume().isLost()) {
            // an administrator took the lock from whoever still has it open
            attached.remove(name, known);
            return openNow(name, client);
          }
          VdiEntry head = host.state().directory().head(name);
          VdiEntry today = head == null ? entry : head;
          if (attaching == known) {
            // it may have grown since the index was loaded
            if (!open.share().reserve(objects(today))) {
              return CompletableFuture.completedFuture(tooLarge(name));
            }
            if (!open.attachment().join(client)) {
              return CompletableFuture.completedFuture(inUse(name));
            }
          }
          return CompletableFuture.completedFuture(
              new Opened(
                  new OpenVolume(open.volume(), info(name, today, false), open.attachment())));
        });
  }

  private CompletableFuture<Attaching> attachNow(VdiEntry entry, BlockClient client) {
    String name = entry.name();
    ClientSession session = host.openSession(client.address());
    ObjectIo io = new ObjectIo(host, session);
    CompletableFuture<Attaching> result = new CompletableFuture<>();
    attached.put(name, result);
    IndexMemory.Share share = memory.share();
    Runnable onEnd =
        () -> {
          share.giveBack();
          attached.remove(name, result);
        };
    Attachment attachment = new Attachment(client, session, scheduler, LockSessions.GRACE, onEnd);
    lock(io, name, LOCK_LOOKS)
        .thenCompose(
            code ->
                code == ResultCode.SUCCESS
                    ? load(name, io, attachment, share)
                    : CompletableFuture.completedFuture(Attaching.failed(notLocked(name, code))))
        .whenComplete(
            (attaching, failure) -> {
              if (failure == null && attaching.attached() != null) {
                result.complete(attaching);
                return;
              }
              attachment.end();
              result.complete(
                  failure == null
                      ? attaching
                      : Attaching.failed(unreadable(name, ResultCode.SYSTEM_ERROR)));
            });
    return result;
  }

  /**
   * A client that has just left, perhaps at another node, may be faster here than the end of its
   * lock: that is waited for, for a moment.
   */
  private CompletionStage<ResultCode> lock(ObjectIo io, String name, int looks) {
    return io.lock(name)
        .thenCompose(
            code -> {
              if (code != ResultCode.VDI_LOCKED || looks == 0) {
                return CompletableFuture.completedFuture(code);
              }
              CompletableFuture<Void> waited = new CompletableFuture<>();
              scheduler.schedule(LOOK_AGAIN, () -> waited.complete(null));
              return waited.thenCompose(ignored -> lock(io, name, looks - 1));
            });
  }

  private CompletionStage<Attaching> load(
      String name, ObjectIo io, Attachment attachment, IndexMemory.Share share) {
    VdiEntry entry = host.state().directory().head(name);
    VdiLock lock = entry == null ? null : host.state().locks().of(entry.vid());
    if (entry == null || lock == null) {
      return CompletableFuture.completedFuture(
          Attaching.failed(
              new Refused(Reason.FAILED, "'" + name + "': its lock was taken away at once")));
    }
    if (!share.reserve(objects(entry))) {
      return CompletableFuture.completedFuture(Attaching.failed(tooLarge(name)));
    }
    IndexTable index = new IndexTable();
    HeldHead head = new HeldHead(host, lock);
    return index
        .load(io, entry.vid(), 0, objects(entry))
        .thenApply(
            code ->
                code == ResultCode.SUCCESS
                    ? new Attaching(
                        new Attached(
                            attachment,
                            new HeldVolume(io, head, entry.blockSizeShift(), index),
                            share),
                        null)
                    : Attaching.failed(unreadable(name, code)));
  }

  private Refused tooLarge(String name) {
    return new Refused(
        Reason.FAILED,
        "'"
            + name
            + "': the indexes of all VDIs that are open here for writing may take "
            + (memory.limit() >> 20)
            + " MiB, and with this one they would take more; use another node, or give sheep more"
            + " memory (SHEEP_JAVA_OPTS=-Xmx2g)");
  }

  private Refused notLocked(String name, ResultCode code) {
    return switch (code) {
      case VDI_LOCKED -> inUse(name);
      case NO_VDI -> unknown(name, "the VDI was deleted just now");
      default ->
          new Refused(Reason.FAILED, "'" + name + "': it cannot be locked: " + code.collieText());
    };
  }

  private Refused inUse(String name) {
    VdiEntry head = host.state().directory().head(name);
    VdiLock lock = head == null ? null : host.state().locks().of(head.vid());
    String holder =
        lock == null
            ? "it was in use until now; try again"
            : "it is in use by "
                + lock.client()
                + " through node "
                + lock.gatewayAddress()
                + " since "
                + lock.since()
                + (lock.orphaned()
                    ? ", whose node is gone; try again in "
                        + LockSessions.GRACE.toSeconds()
                        + " seconds"
                    : "; end that program first, or open '" + name + "?readonly'");
    return new Refused(Reason.IN_USE, "VDI '" + name + "' is locked: " + holder);
  }

  private interface Work<T> {
    CompletionStage<T> begin();
  }

  private interface Refusal<T> {
    T of(Refused refused);
  }

  /** A cluster that is about to run is waited for, for a while. */
  private <T> CompletionStage<T> whenRunning(Work<T> work, Refusal<T> refusal) {
    CompletableFuture<T> result = new CompletableFuture<>();
    look(work, refusal, LOOKS, result);
    return result;
  }

  private <T> void look(Work<T> work, Refusal<T> refusal, int looks, CompletableFuture<T> result) {
    ClusterState state = host.state();
    if (state.status() == ClusterStatus.RUNNING) {
      work.begin()
          .whenComplete(
              (value, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  result.complete(value);
                }
              });
    } else if (looks > 0 && isAboutToRun(state.status())) {
      scheduler.schedule(LOOK_AGAIN, () -> look(work, refusal, looks - 1, result));
    } else {
      result.complete(refusal.of(notReady(state.status())));
    }
  }

  private static boolean isAboutToRun(ClusterStatus status) {
    return status == ClusterStatus.WAIT_JOIN || status == ClusterStatus.STARTING;
  }

  private static Refused notReady(ClusterStatus status) {
    String text =
        switch (status) {
          case WAIT_FORMAT -> "the cluster is not formatted yet; use 'collie cluster format'";
          case WAIT_JOIN, STARTING ->
              "the cluster waits for nodes; 'collie cluster info' says for which";
          case SHUTDOWN -> "the cluster is shut down";
          case RUNNING -> "the cluster has just begun to run; try again";
        };
    return new Refused(Reason.NOT_READY, text);
  }
}
